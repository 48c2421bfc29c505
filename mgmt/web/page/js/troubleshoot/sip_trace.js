// SIP Trace: the SIP messages of the appliance as they go, and captures of them into a file, both of
// those alone that a filter lets through.
import { ask, get } from '../api.js';
import { button, element, freshId } from '../dom.js';
import { readEvents } from '../event_stream.js';
import { faultBox } from '../forms/faults.js';
import { follow } from '../live.js';
import { badge } from '../monitor/badge.js';
import { moment, momentOfDay } from '../monitor/moment.js';
import { levels, may } from '../session.js';
import { empty } from '../states.js';

const mostMessages = 500;
const statusEvery = 3_000;
const fields = [
  { name: 'host', label: 'Peer', hint: '192.0.2.1 or 192.0.2.0/24' },
  { name: 'port', label: 'Port', hint: '5060' },
  { name: 'method', label: 'Method', hint: 'REGISTER' },
  { name: 'user', label: 'In From or To', hint: '100' },
  { name: 'call_id', label: 'Call-ID', hint: 'the whole of it' },
];

class Filter {
  constructor() {
    this.inputs = fields.map(({ name, label, hint }) => {
      const id = freshId('filter');
      const input = element('input', { id, name, type: 'text', class: 'form-control', placeholder: hint,
                                       autocomplete: 'off', spellcheck: false });
      return { name, input, node: element('div', {}, element('label', { class: 'form-label', for: id }, label), input) };
    });
    this.node = element('fieldset', { class: 'filter' },
      element('legend', { class: 'visually-hidden' }, 'Which messages'), this.inputs.map(({ node }) => node));
  }

  /** The fields that are given. */
  values() {
    return Object.fromEntries(this.inputs.map(({ name, input }) => [name, input.value.trim()]).filter(([, value]) => value));
  }
}

/** @param {{time: string, direction: string, transport: string, local: string, remote: string, summary: string, text: string}} message */
function messageNode(message) {
  const isSent = message.direction === 'sent';
  return element('li', { dataset: { direction: message.direction } },
    element('details', {},
      element('summary', {}, momentOfDay(message.time), ' ',
        element('span', { class: 'direction' }, isSent ? 'sent →' : 'received ←'), ' ',
        `${message.remote} (${message.transport}) `, element('strong', {}, message.summary)),
      element('pre', { tabIndex: 0, 'aria-label': `${message.summary}, whole message` }, message.text.trimEnd())));
}

/** The messages as they go, from a press on Watch to one on Stop. */
class Watch {
  constructor(filter, faults, left) {
    this.filter = filter;
    this.faults = faults;
    this.left = left;
    this.running = null;
    this.state = element('span', { class: 'count', role: 'status' }, 'not watching');
    this.list = element('ol', { class: 'messages' });
    this.toggle = button('Watch', () => (this.running ? this.stop() : this.start()), { class: 'btn btn-primary' });
    this.clear = button('Clear', () => this.list.replaceChildren());
    left.addEventListener('abort', () => this.stop());
  }

  start() {
    this.running = new AbortController();
    this.toggle.textContent = 'Stop';
    this.state.textContent = 'watching';
    this.faults.show([]);
    const { signal } = this.running;
    readEvents(`sipTrace?${new URLSearchParams(this.filter.values())}`, {
      signal,
      heard: (events) => this.add(events),
      refused: (error) => {
        this.stop();
        this.faults.show([error.message]);
      },
    });
  }

  stop() {
    this.running?.abort();
    this.running = null;
    this.toggle.textContent = 'Watch';
    this.state.textContent = 'not watching';
  }

  add(events) {
    for (const { kind, data } of events) {
      this.list.append(kind === 'message' ? messageNode(data)
        : element('li', { class: 'lost' }, `${data.count} messages came too fast for this page`));
    }
    while (this.list.children.length > mostMessages) this.list.firstChild.remove();
    this.state.textContent = `watching, ${this.list.children.length} messages`;
  }
}

/** What is captured into files, whoever began it. */
class Capture {
  constructor(filter, faults) {
    this.filter = filter;
    this.faults = faults;
    this.state = element('p', { class: 'summary', role: 'status' });
    this.start = button('Start capture', () => this.act('startCapture', this.filter.values()));
    this.stop = button('Stop capture', () => this.act('stopCapture', {}));
    this.download = element('a', { class: 'btn btn-outline-secondary', href: '/api/v1/files/capture', download: 'sip.pcap' },
                            'Download');
  }

  async act(action, body) {
    this.faults.show([]);
    try {
      await ask('POST', `actions/${action}`, { body });
    } catch (error) {
      this.faults.show([error.message]);
    }
    await this.look();
  }

  async look(signal) {
    const state = await get('capture', { background: true, signal });
    this.start.disabled = state.running;
    this.stop.disabled = !state.running;
    this.download.hidden = state.files === 0;
    this.state.replaceChildren(state.running ? badge('capturing', 'good') : badge('no capture runs', 'quiet'),
      state.started_at ? element('span', {}, 'since ', moment(state.started_at), ` · ${state.filter || 'all messages'} · ${state.messages} messages`) : '',
      state.bytes > 0 ? ` · ${(state.bytes / 1024).toFixed(0)} KiB` : '',
      state.dropped > 0 ? ` · ${state.dropped} dropped` : '', state.trouble ? ` · ${state.trouble}` : '');
  }
}

export async function show({ title, signal }) {
  if (!may(levels.administrator)) return empty('Your level may not look at SIP messages: they hold secrets.');
  const faults = faultBox();
  const filter = new Filter();
  const watch = new Watch(filter, faults, signal);
  const capture = new Capture(filter, faults);
  await follow([], () => capture.look(signal), signal, statusEvery);
  return element('div', { class: 'status-page' }, element('h1', {}, title),
    element('p', { class: 'lead' }, 'What is given has to fit, all of it. Messages hold secrets, such as the answers to challenges.'),
    filter.node, faults.node,
    element('section', { class: 'card-like' }, element('h2', {}, 'Into a file'),
            element('div', { class: 'table-tools' }, capture.start, capture.stop, capture.download), capture.state),
    element('section', { class: 'card-like' }, element('h2', {}, 'Live'),
            element('div', { class: 'table-tools' }, watch.toggle, watch.clear, watch.state),
            element('div', { class: 'log', tabIndex: 0, role: 'region', 'aria-label': 'SIP messages' }, watch.list)));
}
