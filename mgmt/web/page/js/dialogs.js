// A question that needs an answer before anything else goes on.
import { element, freshId } from './dom.js';

/**
 * Resolves to true if it was confirmed. Escape, and Cancel, confirm nothing.
 * @param {{title: string, content: Node[], confirm?: string, danger?: boolean}} question without
 *   `confirm` there is nothing to confirm
 */
export function askInDialog({ title, content, confirm, danger = false }) {
  const titleId = freshId('dialog');
  const kind = danger ? 'btn btn-danger' : 'btn btn-primary';
  const dialog = element('dialog', { 'aria-labelledby': titleId },
    element('form', { method: 'dialog' },
            element('h2', { id: titleId }, title),
            element('div', { class: 'dialog-content' }, content),
            element('div', { class: 'dialog-buttons' },
                    element('button', { class: 'btn btn-outline-secondary', value: '', formNoValidate: true },
                            confirm ? 'Cancel' : 'Close'),
                    confirm ? element('button', { class: kind, value: 'yes' }, confirm) : null)));
  document.body.append(dialog);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
