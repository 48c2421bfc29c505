// Lets somebody change his own password, in a dialog.
import { announce } from './announce.js';
import { ask } from './api.js';
import { askInDialog } from './dialogs.js';
import { element } from './dom.js';
import { labelled } from './labelled.js';

/** Asked again with the reason, until it is changed or given up. */
export async function changePassword() {
  for (let problem = ''; problem !== null;) {
    const current = labelled('Current password', { type: 'password', autocomplete: 'current-password' });
    const wanted = labelled('New password', { type: 'password', autocomplete: 'new-password' });
    const again = labelled('New password again', { type: 'password', autocomplete: 'new-password' });
    const sure = await askInDialog({ title: 'Change password', confirm: 'Change', content: [
      element('p', {}, 'Every session of yours ends with it, this one too: sign in with the new one.'),
      problem ? element('p', { class: 'problem', role: 'alert' }, problem) : null, current.row, wanted.row, again.row] });
    problem = sure ? await change(current.input.value, wanted.input.value, again.input.value) : null;
  }
}

/** What is wrong; null once it is changed. */
async function change(current, wanted, again) {
  if (wanted === '') return 'The new password is empty.';
  if (wanted !== again) return 'The new passwords are not the same.';
  try {
    await ask('POST', 'actions/changePassword', { body: { currentPassword: current, newPassword: wanted } });
    announce('The password is changed. Not saved yet.');
    return null;
  } catch (error) {
    return error.message;
  }
}
