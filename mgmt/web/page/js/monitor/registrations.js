// Registration Status: who is registered and why not, live; the appliance hands out the rows a page
// at a time, so that thousands of them cost nothing here.
import { get } from '../api.js';
import { countdown, runCountdowns } from '../countdown.js';
import { sortableTable } from '../data_table.js';
import { button, element, freshId } from '../dom.js';
import { follow } from '../live.js';
import { renamePlace } from '../router.js';
import { levels, may } from '../session.js';
import { empty } from '../states.js';
import { badge, registrationBadge } from './badge.js';

const pageSize = 100;
const states = ['RESOLVING', 'WAITING', 'REGISTERING', 'REGISTERED', 'REFRESHING', 'FAILED', 'UNREGISTERING',
                'UNREGISTERED'];

function lastAnswer(row) {
  return [row.last_status || null, row.reason || null].filter(Boolean).join(' ') || '–';
}

const columns = [
  { title: 'Name', field: 'name', value: (row) => row.name },
  { title: 'Address of record', field: 'aor', value: (row) => row.aor },
  { title: 'State', field: 'state', value: (row) => row.state, cell: (row) => registrationBadge(row) },
  { title: 'Last answer', field: 'last_status', value: lastAnswer },
  { title: 'Answered by', field: 'answered_by', value: (row) => row.answered_by || '–' },
  { title: 'Expires in', field: 'expires_in', number: true, value: (row) => row.expires_in ?? -1,
    cell: (row) => countdown(row.expires_in) },
  { title: 'Next in', field: 'next_attempt_in', number: true, value: (row) => row.next_attempt_in ?? -1,
    cell: (row) => countdown(row.next_attempt_in) },
  { title: 'Failures', field: 'consecutive_failures', number: true, value: (row) => row.consecutive_failures },
];

function traceLink(row) {
  return element('a', { href: `#/trace/${encodeURIComponent(row.name)}`,
                        'aria-label': `Trace of ${row.name}` }, 'Trace');
}

/** The parts of the page's address: what is shown, so that it comes back. */
function wish(query) {
  const sorted = { column: columns.find(({ field }) => field === query.get('sort')) ?? null,
                   ascending: query.get('order') !== 'desc' };
  return { search: query.get('search') ?? '', state: query.get('state') ?? '', sorted,
           after: Number(query.get('after')) || 0 };
}

function queryOf({ search, state, sorted, after }) {
  const given = { ...(search && { search }), ...(state && { state }), ...(after && { after }),
                  ...(sorted.column && { sort: sorted.column.field, order: sorted.ascending ? 'asc' : 'desc' }) };
  return new URLSearchParams(given);
}

export async function show({ query, signal }) {
  const wanted = wish(query);
  let page = { registrations: [], cursor: { after: '-1' }, total: 0, matching: 0, registered: 0 };
  const table = sortableTable({
    caption: 'Registrations in the order of the configuration, or of the column that is pressed',
    sorted: wanted.sorted, onSort: () => turn(0), columns, data: ({ name, state }) => ({ name, state }),
    ...(may(levels.administrator) && { rowTools: (row) => [traceLink(row)] }) });
  const summary = element('p', { class: 'summary', role: 'status' });
  const nothing = element('div');
  const range = element('span', { class: 'count' });
  const previous = button('Previous', () => turn(Math.max(0, wanted.after - pageSize)));
  const next = button('Next', () => turn(Number(page.cursor.after)));
  const searchId = freshId('search');
  const stateId = freshId('state');
  const search = element('input', { id: searchId, type: 'search', class: 'form-control',
    value: wanted.search, placeholder: 'Name or address', on: { input: () => filter() } });
  const state = element('select', { id: stateId, class: 'form-select', on: { change: () => filter() } },
    element('option', { value: '' }, 'any state'), states.map((name) => element('option', { value: name }, name)));
  state.value = wanted.state;

  function draw() {
    const rows = page.registrations;
    table.show(rows);
    summary.replaceChildren(badge(`${page.registered} registered`, 'good'),
      badge(`${page.total - page.registered} not registered`, page.registered === page.total ? 'quiet' : 'bad'),
      `of ${page.total}`);
    const last = wanted.after + rows.length;
    range.textContent = rows.length === 0 ? '' : `${wanted.after + 1}–${last} of ${page.matching}`;
    previous.disabled = wanted.after === 0;
    next.disabled = page.cursor.after === '-1';
    nothing.replaceChildren(...(rows.length > 0 ? [] : [page.total === 0
      ? empty('Nothing registers: there is no account or trunk group that does.')
      : empty('No registration is like that.')]));
  }
  async function look(background = true) {
    const asked = queryOf(wanted).toString();
    const answer = await get(`registrations?limit=${pageSize}&${asked}`, { background, signal });
    if (asked !== queryOf(wanted).toString()) return;  // a later question is under way
    page = answer;
    draw();
  }
  function turn(after) {
    wanted.after = after;
    const text = queryOf(wanted).toString();
    renamePlace(`#/registrations${text && `?${text}`}`);
    look(false).catch((error) => { if (error.name !== 'AbortError') nothing.replaceChildren(empty(error.message)); });
  }
  function filter() {
    Object.assign(wanted, { search: search.value, state: state.value });
    turn(0);
  }

  await follow(['registration', 'registrations', 'configuration'], () => look(), signal);
  const node = element('div', { class: 'status-page' }, element('h1', {}, 'Registration Status'), summary,
    element('div', { class: 'table-tools' },
            element('label', { class: 'visually-hidden', for: searchId }, 'Search name or address'), search,
            element('label', { class: 'visually-hidden', for: stateId }, 'State'), state,
            range, previous, next),
    table.node, nothing);
  runCountdowns(node, signal);
  return node;
}
