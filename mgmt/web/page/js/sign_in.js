// Lets somebody sign in, in a dialog over whatever stands on the page: what was typed there stays.
import { element } from './dom.js';
import { labelled } from './labelled.js';
import { openSession } from './session.js';

function reasonOf(error) {
  if (error.status === 401) return 'User or password is wrong.';
  if (error.retryAfter) return `${error.message} (in ${error.retryAfter} s)`;
  return error.status ? error.message : 'The appliance does not answer.';
}

/** Resolves once somebody has signed in. `reason` says why it is asked for, if not at the start. */
export function signIn(reason = '') {
  const user = labelled('User', { autocomplete: 'username', autocapitalize: 'none',
                               spellcheck: false, name: 'user' });
  const password = labelled('Password', { type: 'password', autocomplete: 'current-password',
                                       name: 'password' });
  const problem = element('p', { class: 'problem', role: 'alert' });
  const submit = element('button', { type: 'submit', class: 'btn btn-primary w-100' }, 'Sign in');
  const form = element('form', { method: 'dialog' },
                       element('h1', { id: 'sign-in-title' }, 'Trunkline'),
                       reason ? element('p', { class: 'reason' }, reason) : null,
                       user.row, password.row, problem, submit);
  const dialog = element('dialog', { class: 'sign-in', 'aria-labelledby': 'sign-in-title' }, form);
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
  user.input.focus();
  return new Promise((resolve) => {
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      submit.disabled = true;
      problem.textContent = '';
      try {
        await openSession(user.input.value, password.input.value);
        dialog.close();
        dialog.remove();
        resolve();
      } catch (error) {
        problem.textContent = reasonOf(error);
        password.input.select();
      } finally {
        submit.disabled = false;
      }
    });
  });
}
