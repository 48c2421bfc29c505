// Registration Trace: the last flows of a registration as ladders, live. "#/trace" finds one,
// "#/trace/NAME" shows it.
import { get } from '../api.js';
import { element, freshId, redraw } from '../dom.js';
import { follow } from '../live.js';
import { registrationBadge } from '../monitor/badge.js';
import { moment } from '../monitor/moment.js';
import { levels, may } from '../session.js';
import { empty } from '../states.js';
import { ladder, titleOf } from './ladder.js';

const mostFound = 50;

function hrefOf(name) {
  return `#/trace/${encodeURIComponent(name)}`;
}

async function showSearch({ title, query, signal }) {
  const id = freshId('search');
  const list = element('ul', { class: 'choices' });
  const count = element('span', { class: 'count', role: 'status' });
  const search = element('input', { id, type: 'search', class: 'form-control', placeholder: 'Name or address',
    value: query.get('search') ?? '', on: { input: () => look().catch(tell) } });
  const tell = (error) => { if (error.name !== 'AbortError') list.replaceChildren(empty(error.message)); };
  async function look() {
    const asked = search.value;
    const page = await get(`registrations?limit=${mostFound}&${new URLSearchParams({ search: asked })}`, { signal, background: true });
    if (asked !== search.value) return;  // a later question is under way
    count.textContent = page.matching > mostFound ? `the first ${mostFound} of ${page.matching}` : `${page.matching} found`;
    redraw(list, page.registrations.map((row) => element('li', {},
      element('a', { href: hrefOf(row.name) }, row.name), ' ', registrationBadge(row), element('small', {}, row.aor))));
  }
  await follow(['registrations', 'configuration'], look, signal);
  return element('div', { class: 'status-page' }, element('h1', {}, title),
    element('p', { class: 'lead' }, 'Whose messages are to be shown?'),
    element('div', { class: 'table-tools' },
            element('label', { class: 'visually-hidden', for: id }, 'Search name or address'), search, count), list);
}

/** "REGISTER, 401 Unauthorized, REGISTER, 200 OK" */
function course(flow) {
  const messages = flow.filter((step) => step.kind !== 'note');
  return (messages.length > 0 ? messages : flow).map(titleOf).join(', ');
}

/** The flows of the page, as far as somebody opened them. */
class Flows {
  constructor() {
    this.node = element('div');
    this.seen = new Set();
    this.open = new Set();
    this.openMessages = new Set();
  }

  /** The newest first; it is open, and stays so when another one comes. */
  show(flows) {
    redraw(this.node, [...flows].reverse().map((flow, at) => this.flowNode(flow, at === 0)));
  }

  flowNode(flow, isNewest) {
    const key = flow.find((step) => step.kind !== 'note')?.text ?? '';
    if (isNewest && !this.seen.has(key)) this.open.add(key);
    this.seen.add(key);
    const toggled = (event) => (event.target.open ? this.open.add(key) : this.open.delete(key));
    return element('details', { class: 'flow card-like', open: this.open.has(key), on: { toggle: toggled } },
      element('summary', {}, flow.length > 0 ? moment(flow[0].at) : '', ' ',
              element('span', { class: 'course' }, course(flow))),
      ladder(flow, this.openMessages));
  }
}

async function showTrace({ title, signal }, name) {
  const flows = new Flows();
  const state = element('p', { class: 'summary', role: 'status' });
  const nothing = element('div');
  await follow(['registration', 'registrations', 'configuration'], async () => {
    const path = `registrations/${encodeURIComponent(name)}`;
    const [row, trace] = await Promise.all([
      get(path, { background: true, signal }), get(`${path}/trace`, { background: true, signal })]);
    state.replaceChildren(registrationBadge(row), [row.aor, row.reason].filter(Boolean).join(' · '));
    flows.show(trace.flows);
    nothing.replaceChildren(...(trace.flows.length > 0 ? [] : [empty('It has sent nothing yet.')]));
  }, signal);
  return element('div', { class: 'status-page' },
    element('nav', { class: 'way', 'aria-label': 'Way back' }, element('a', { href: '#/trace' }, title),
            element('a', { href: `#/registrations?search=${encodeURIComponent(name)}` }, 'Registration Status')),
    element('h1', {}, name), state, flows.node, nothing);
}

export function show(context) {
  if (!may(levels.administrator)) return empty('Your level may not look at SIP messages: they hold secrets.');
  const [name] = context.path;
  return name ? showTrace(context, name) : showSearch(context);
}
