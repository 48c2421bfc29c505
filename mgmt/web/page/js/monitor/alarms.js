// Active Alarms, and Alarms History: the newest first, live; the appliance hands them out a page at a
// time.
import { get } from '../api.js';
import { sortableTable } from '../data_table.js';
import { button, element } from '../dom.js';
import { follow } from '../live.js';
import { renamePlace } from '../router.js';
import { empty } from '../states.js';
import { severities, severityBadge } from './badge.js';
import { moment } from './moment.js';

const pageSize = 50;
// Ahead of it is the end of the table: the appliance counts alarms from 1.
const end = Number.MAX_SAFE_INTEGER;
const lists = {
  alarms: { table: 'active', nothing: 'Nothing is wrong: no alarm is active.' },
  'alarms-history': { table: 'history', nothing: 'No alarm has been raised since the appliance started.' },
};
const columns = [
  { title: 'Severity', value: (alarm) => severities.indexOf(alarm.severity),
    cell: (alarm) => severityBadge(alarm.severity) },
  { title: 'Time', value: (alarm) => alarm.date, cell: (alarm) => moment(alarm.date) },
  { title: 'Alarm', value: (alarm) => alarm.name },
  { title: 'Source', value: (alarm) => alarm.source },
  { title: 'Description', value: (alarm) => alarm.description },
  { title: 'Id', number: true, value: (alarm) => Number(alarm.id) },
];

/** Which page of the table the address names: "before=7", "after=7", or nothing: the newest. */
function wish(query) {
  const [way] = ['before', 'after'].filter((name) => Number(query.get(name)) > 0);
  return way ? { way, id: Number(query.get(way)) } : null;
}

export async function show({ name, title, query, signal }) {
  const { table: list, nothing } = lists[name];
  let wanted = wish(query);
  let page = null;
  const table = sortableTable({ caption: title, columns, data: ({ id, name: alarm, severity }) => ({ id, alarm, severity }) });
  const state = element('div');
  const summary = element('p', { class: 'summary', role: 'status' });
  const newest = button('Newest', () => turn(null));
  const newer = button('Newer', () => turn({ way: 'after', id: Number(page.cursor.after) }));
  const older = button('Older', () => turn({ way: 'before', id: Number(page.cursor.before) }));

  function draw() {
    // The appliance has the oldest first. null: it has none.
    const rows = [...page?.alarms ?? []].reverse();
    table.show(rows);
    table.node.hidden = rows.length === 0;
    summary.textContent = page ? `${rows.length} of ${page.total} alarm${page.total === 1 ? '' : 's'}, the newest first` : '';
    newest.disabled = wanted === null;
    newer.disabled = !page || page.cursor.after === '-1';
    older.disabled = !page || page.cursor.before === '-1';
    state.replaceChildren(...(rows.length > 0 ? [] : [empty(nothing)]));
  }
  async function look(background = true) {
    const { way, id } = wanted ?? { way: 'before', id: end };
    page = await get(`alarms/${list}?limit=${pageSize}&${way}=${id}`, { background, signal });
    draw();
  }
  function turn(where) {
    wanted = where;
    renamePlace(`#/${name}${where ? `?${where.way}=${where.id}` : ''}`);
    look(false).catch((error) => { if (error.name !== 'AbortError') state.replaceChildren(empty(error.message)); });
  }

  await follow(['alarm'], () => look(), signal);
  return element('div', { class: 'status-page' }, element('h1', {}, title),
                 element('div', { class: 'table-tools' }, summary,
                         element('div', { class: 'turners' }, newest, newer, older)),
                 table.node, state);
}
