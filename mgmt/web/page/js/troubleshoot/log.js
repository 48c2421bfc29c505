// Log: what the appliance writes to its log, as it is written; filtered by level and text.
import { button, element, freshId } from '../dom.js';
import { readEvents } from '../event_stream.js';
import { levels, may } from '../session.js';
import { empty } from '../states.js';

const mostLines = 2_000;
const ranks = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

/** @typedef {{time: string, level: string, text: string}} Line */

function lineNode({ time, level, text }) {
  return element('li', { class: level, dataset: { level } },
    element('time', { dateTime: time }, time.slice(11, 23)), ' ',
    element('span', { class: 'level' }, level), ' ', element('span', {}, text));
}

class LogView {
  constructor() {
    /** @type {{node: HTMLElement, line: Line}[]} */
    this.rows = [];
    this.waiting = [];
    this.isHeld = false;
    this.list = element('ol', { class: 'log-lines' });
    this.node = element('div', { class: 'log', tabIndex: 0, role: 'log', 'aria-live': 'off', 'aria-label': 'Log' }, this.list);
    this.count = element('span', { class: 'count', role: 'status' });
    const [textId, levelId] = [freshId('text'), freshId('level')];
    const filter = () => this.filter();
    this.text = element('input', { id: textId, type: 'search', class: 'form-control', placeholder: 'Filter', on: { input: filter } });
    this.level = element('select', { id: levelId, class: 'form-select', on: { change: filter } },
      element('option', { value: '' }, 'every level'),
      ranks.slice(1).map((level) => element('option', { value: level }, `${level} and worse`)));
    this.hold = button('Hold', () => this.toggle(), { 'aria-pressed': 'false' });
    this.tools = element('div', { class: 'table-tools' },
      element('label', { class: 'visually-hidden', for: textId }, 'Filter lines'), this.text,
      element('label', { class: 'visually-hidden', for: levelId }, 'Level'), this.level, this.hold, this.count);
  }

  shows({ level, text, time }) {
    return ranks.indexOf(level) >= ranks.indexOf(this.level.value) &&
      `${time} ${text}`.toLowerCase().includes(this.text.value.toLowerCase());
  }

  filter() {
    for (const { node, line } of this.rows) node.hidden = !this.shows(line);
    this.tell();
  }

  toggle() {
    this.isHeld = !this.isHeld;
    this.hold.setAttribute('aria-pressed', String(this.isHeld));
    this.hold.textContent = this.isHeld ? 'Go on' : 'Hold';
    this.add([]);
  }

  /** @param {Line[]} lines while it is held they wait */
  add(lines) {
    this.waiting = [...this.waiting, ...lines].slice(-mostLines);
    if (!this.isHeld) {
      const isAtEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 40;
      const added = this.waiting.map((line) => ({ line, node: lineNode(line) }));
      this.waiting = [];
      for (const { node, line } of added) node.hidden = !this.shows(line);
      this.list.append(...added.map(({ node }) => node));
      this.rows.push(...added);
      for (const { node } of this.rows.splice(0, this.rows.length - mostLines)) node.remove();
      if (isAtEnd) this.node.scrollTop = this.node.scrollHeight;
    }
    this.tell();
  }

  tell() {
    const shown = this.rows.filter(({ node }) => !node.hidden).length;
    const more = this.isHeld && this.waiting.length > 0 ? `, ${this.waiting.length} wait` : '';
    this.count.textContent = `${shown} of ${this.rows.length} lines${more}`;
  }
}

export function show({ title, signal }) {
  if (!may(levels.administrator)) return empty('Your level may not look at the log.');
  const view = new LogView();
  const state = element('p', { class: 'summary', role: 'status' });
  readEvents('log', {
    signal,
    lastId: '0',
    heard: (events) => {
      state.textContent = events.some(({ kind }) => kind === 'dropped')
        ? 'There were more lines than this page could take; some are missing.' : '';
      view.add(events.filter(({ kind }) => kind === 'line').map(({ data }) => data));
    },
    refused: (error) => { state.textContent = `${error.message}. This page tries again.`; },
  });
  return element('div', { class: 'status-page' }, element('h1', {}, title), view.tools, state, view.node);
}
