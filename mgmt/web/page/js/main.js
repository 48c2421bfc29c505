// The start of the page: who is there, what may be set, and then the shell with the place that the
// address names.
import { loadCatalogue } from './catalogue.js';
import { startEvents } from './events.js';
import { keepSessionWhileWorking, restoreSession, whenSessionEnds } from './session.js';
import { startShell } from './shell.js';
import { signIn } from './sign_in.js';
import { failed } from './states.js';

async function start() {
  const app = document.getElementById('app');
  try {
    whenSessionEnds(signIn);
    if (!await restoreSession()) await signIn();
    await loadCatalogue();
  } catch (error) {
    app.replaceChildren(failed(error, start));
    return;
  }
  startShell(app);
  startEvents();
  keepSessionWhileWorking();
}

start();
