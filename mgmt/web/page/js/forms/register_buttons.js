// The buttons Register and Un-Register, where the appliance family has them: at the foot of Proxy &
// Registration, and for the rows of Accounts and of Trunk Groups.
import { announce } from '../announce.js';
import { ask } from '../api.js';
import { button, element } from '../dom.js';
import { levels, may } from '../session.js';

/** Whom the buttons mean, by the path of the table; undefined: it has none. */
const targets = {
  'signaling_and_media.sip_definitions.proxy_and_registration': () => 'all',
  'signaling_and_media.accounts': (row) => row?.name,
  'signaling_and_media.gateway.trunk_groups': (row) => row && `trunk group ${row.index}`,
};

async function act(action, target) {
  const word = action === 'register' ? 'Register' : 'Un-Register';
  try {
    const { data } = await ask('POST', `actions/${action}`, { body: { target } });
    const many = `${data.count} registration${data.count === 1 ? '' : 's'}`;
    announce(`${word}: ${many} of ${target === 'all' ? 'the appliance' : target}.`, 'done',
             element('a', { href: '#/registrations' }, 'Registration Status'));
  } catch (error) {
    announce(`${word} of ${target}: ${error.message}`, 'failed');
  }
}

/** For a page of settings, or a row; nothing where the table has no such buttons. */
export function registerButtons(table, row) {
  const target = targets[table.path]?.(row);
  if (!target) return [];
  const disabled = !may(levels.administrator);
  return [['register', 'Register'], ['unregister', 'Un-Register']].map(
    ([action, text]) => button(text, () => act(action, target),
                               { class: 'btn btn-outline-primary', disabled,
                                 dataset: { action, target } }));
}
