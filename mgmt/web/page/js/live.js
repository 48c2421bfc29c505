// A part of a page that follows the appliance: looked at anew after each event that concerns it, and
// now and then in any case, for what no event tells.
import { onEvent } from './events.js';

const soonest = 500;
const latest = 15_000;

/**
 * Calls `look()` now, and again as things happen, until `signal` aborts; one look at a time. The
 * promise is that of the first look; with one that fails it follows all the same.
 * @param {string[]} kinds of events
 * @param {number} longest milliseconds without a look
 */
export async function follow(kinds, look, signal, longest = latest) {
  let timer = null;
  let due = Infinity;
  const schedule = (wait) => {
    if (signal.aborted || Date.now() + wait >= due) return;
    due = Date.now() + wait;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      timer = null;
      try {
        await look();
      } catch {
        // What is shown stays; connection.js tells if nothing answers.
      } finally {
        due = Infinity;
        schedule(longest);
      }
    }, wait);
  };
  try {
    await look();
  } finally {
    signal.addEventListener('abort', () => clearTimeout(timer));
    onEvent([...kinds, 'missed'], () => schedule(soonest), signal);
    schedule(longest);
  }
}
