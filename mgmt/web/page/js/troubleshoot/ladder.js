// A flow of a registration as a ladder: each message an arrow between this appliance and the server,
// which opens to the whole message and to how the answer to a challenge was computed.
import { drawn, element } from '../dom.js';
import { momentOfDay } from '../monitor/moment.js';

/**
 * @typedef {{at: number, kind: 'sent' | 'received' | 'note', transport: string, local: string,
 *            remote: string, text: string, explanation: string[][]}} Step
 */

/** "REGISTER", "401 Unauthorized" */
export function titleOf(step) {
  if (step.kind === 'note') return step.text;
  const [line] = step.text.split('\r\n', 1);
  return line.startsWith('SIP/2.0 ') ? line.slice('SIP/2.0 '.length) : line.split(' ', 1)[0];
}

/** What its colour says, beside the status in its title. */
function toneOf(step) {
  const status = step.text.startsWith('SIP/2.0 ') ? Number(step.text.slice(8, 11)) : 0;
  if (status === 0) return 'request';
  if (status < 200) return 'quiet';
  if (status < 300) return 'good';
  return status === 401 || status === 407 ? 'waiting' : 'bad';
}

function arrow(isSent) {
  const head = drawn('svg', { viewBox: '0 0 10 12', 'aria-hidden': 'true' },
    drawn('path', { d: isSent ? 'M0 0L10 6L0 12Z' : 'M10 0L0 6L10 12Z', fill: 'currentColor' }));
  const shaft = element('span', { class: 'shaft' });
  return element('span', { class: 'shot' }, isSent ? [shaft, head] : [head, shaft]);
}

function explanationNode(lines) {
  return element('section', { class: 'explanation' },
    element('h3', {}, 'How this answer was computed'),
    element('ol', {}, lines.map((line) => element('li', {}, element('code', {}, line)))));
}

function messageNode(step, isOpen, toggled) {
  const isSent = step.kind === 'sent';
  const from = isSent ? step.local : step.remote;
  const to = isSent ? step.remote : step.local;
  return element('li', { class: `step ${step.kind} ${toneOf(step)}` },
    element('details', { open: isOpen, on: { toggle: (event) => toggled(event.target.open) } },
      element('summary', {}, momentOfDay(step.at),
        element('span', { class: 'arrow' }, element('span', { class: 'title' },
          element('span', { class: 'visually-hidden' }, isSent ? 'sent: ' : 'received: '), titleOf(step),
          step.explanation.length > 0 ? element('span', { class: 'mark reset' }, 'digest') : null), arrow(isSent))),
      element('div', { class: 'message' },
        element('p', { class: 'way-of' }, `${from} → ${to} (${step.transport})`),
        element('pre', { tabIndex: 0, 'aria-label': `${titleOf(step)}, whole message` }, step.text.trimEnd()),
        step.explanation.map(explanationNode))));
}

/**
 * @param {Step[]} flow
 * @param {Set<string>} open keys of the messages that are open; kept as they are opened and closed
 */
export function ladder(flow, open) {
  const first = flow.find((step) => step.kind !== 'note');
  return element('div', { class: 'ladder' },
    element('div', { class: 'ends' }, element('span', {}, 'this appliance', element('small', {}, first?.local ?? '')),
            element('span', {}, 'server', element('small', {}, first?.remote ?? ''))),
    element('ol', {}, flow.map((step, at) => {
      if (step.kind === 'note') {
        return element('li', { class: 'step note' }, momentOfDay(step.at), element('span', {}, step.text));
      }
      const key = `${at} ${step.text}`;
      return messageNode(step, open.has(key), (isOpen) => (isOpen ? open.add(key) : open.delete(key)));
    })));
}
