// Debug File: an archive for whoever looks for a fault from afar.
import { ask } from '../api.js';
import { button, element } from '../dom.js';
import { faultBox } from '../forms/faults.js';
import { levels, may } from '../session.js';
import { empty } from '../states.js';

export function show({ title }) {
  if (!may(levels.administrator)) return empty('Your level may not make a debug file.');
  const faults = faultBox();
  const state = element('p', { class: 'summary', role: 'status' });
  const fetchIt = element('a', { class: 'btn btn-outline-secondary', href: '/api/v1/files/debugFile', download: 'debug.tar.gz',
                                 hidden: true }, 'Download');
  const make = button('Make', async () => {
    make.disabled = true;
    faults.show([]);
    state.textContent = 'It is being made …';
    try {
      await ask('POST', 'files/create/debugFile', { body: {} });
      state.textContent = 'It is made.';
      fetchIt.hidden = false;
    } catch (error) {
      state.textContent = '';
      faults.show([error.message]);
    }
    make.disabled = false;
  }, { class: 'btn btn-primary' });
  return element('div', { class: 'status-page' }, element('h1', {}, title),
    element('p', { class: 'lead' }, 'Status, the configuration without its secrets, the end of the log, alarms, registrations ' +
                                    'that failed, servers and counters, in one archive.'),
    element('div', { class: 'table-tools' }, make, fetchIt), state, faults.node);
}
