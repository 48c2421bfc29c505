// Proxy Sets Status: each set with its servers, which of them are online and which is in use, live.
import { get } from '../api.js';
import { countdown, runCountdowns } from '../countdown.js';
import { bodyRow } from '../data_table.js';
import { element } from '../dom.js';
import { follow } from '../live.js';
import { empty } from '../states.js';
import { badge } from './badge.js';

function stateOf(server) {
  if (!server.online) return badge('Offline', 'bad');
  return server.active ? badge('In use', 'good') : badge('Online', 'quiet');
}

const columns = [
  { title: 'Address', value: (server) => server.address },
  { title: 'Host', value: (server) => server.host },
  { title: 'Transport', value: (server) => server.transport },
  { title: 'State', value: () => '', cell: stateOf },
  { title: 'Priority', number: true, value: (server) => server.priority },
  { title: 'Weight', number: true, value: (server) => server.weight },
  { title: 'Successes', number: true, value: (server) => server.successes },
  { title: 'Failures', number: true, value: (server) => server.failures },
  { title: 'Aside for', number: true, value: () => '', cell: (server) => countdown(server.aside_for) },
];

function summaryOf(servers) {
  const online = servers.filter((server) => server.online).length;
  return badge(`${online} of ${servers.length} online`, online === servers.length ? 'good' : online > 0 ? 'waiting' : 'bad');
}

function setNode(set) {
  const servers = set.servers ?? [];
  const node = element('section', { class: 'card-like', dataset: { name: set.name } },
    element('h2', {}, set.name, ' ', summaryOf(servers)),
    servers.length === 0 ? empty('Its names have not been resolved to any address.')
      : element('div', { class: 'table-scroll', tabIndex: 0, role: 'region', 'aria-label': `Servers of ${set.name}` },
        element('table', {}, element('thead', {}, element('tr', {}, columns.map(
          (column) => element('th', { scope: 'col', class: column.number ? 'number' : null }, column.title)))),
                element('tbody', {}, servers.map((server) => bodyRow(columns, server))))));
  return node;
}

export async function show({ signal }) {
  const list = element('div');
  await follow(['proxySet', 'registration', 'registrations', 'configuration'], async () => {
    const { proxy_sets: sets } = await get('proxySets', { background: true, signal });
    list.replaceChildren(...(sets.length > 0 ? sets.map(setNode) : [empty('There is no proxy set.')]));
  }, signal);
  const node = element('div', { class: 'status-page' }, element('h1', {}, 'Proxy Sets Status'), list);
  runCountdowns(node, signal);
  return node;
}
