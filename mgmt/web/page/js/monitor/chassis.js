// The front of the appliance, drawn from its model: each port with the light of its link, and where
// the box has them, its slots with their modules, its fan trays and power supplies with their lights.
// What the lights say stands in the names of all these, too.
import { drawn, element } from '../dom.js';
import { slotNodes, unitNode } from './chassis_units.js';

const columns = 4;
const port = { width: 92, height: 78, gap: 12 };
const slot = { height: 46 };
const unit = { height: 58 };
const margin = 20;
const head = 62;
const inner = columns * (port.width + port.gap) - port.gap;
const width = 2 * margin + inner;

/** @typedef {{label: string, in_use: boolean, group?: string, driver?: string, link_up?: boolean,
 *             disabled?: boolean, source?: string, speed_mbps?: number, speeds_mbps: number[]}} Port */

/** @param {Port} one */
export function linkOf(one) {
  if (!one.in_use) return { light: 'none', text: 'not in use' };
  if (one.disabled) return { light: 'none', text: 'disabled' };
  if (one.link_up) return { light: 'up', text: 'link up' };
  return { light: 'down', text: one.source === 'injected' ? 'link down (injected)' : 'link down' };
}

/** "1 Gbit/s" */
export function speedText(megabits) {
  if (!megabits) return '';
  return megabits >= 1000 ? `${megabits / 1000} Gbit/s` : `${megabits} Mbit/s`;
}

function text(x, y, kind, words) {
  return drawn('text', { x, y, class: kind }, words);
}

/** A jack with its label and its light. */
function portNode(one, x, y) {
  const { light, text: words } = linkOf(one);
  const name = [one.label, words, speedText(one.speed_mbps), one.group].filter(Boolean).join(', ');
  return drawn('g', { class: `port ${light}`, transform: `translate(${x} ${y})`, role: 'img', 'aria-label': name,
                      'data-port': one.label, 'data-link': light },
    drawn('title', {}, name),
    drawn('rect', { class: 'jack', width: port.width, height: port.height, rx: 6 }),
    drawn('path', { class: 'hole', d: 'M18 64 V38 H32 V30 H60 V38 H74 V64 Z' }),
    drawn('path', { class: 'pins', d: 'M34 64 V54 M40 64 V54 M46 64 V54 M52 64 V54 M58 64 V54' }),
    drawn('circle', { class: 'light', cx: 77, cy: 15, r: 6 }),
    text(10, 20, 'label', one.label));
}

/** Where the cell of that number stands in a grid that begins at `top`: odd above even, as ports are
 *  stacked in a rack's box. */
function inColumns(at, rows, top, height) {
  return [margin + Math.floor(at / rows) * (port.width + port.gap), top + (at % rows) * (height + port.gap)];
}

/** A grid of cells below `top`; `below` is where the next thing may begin. */
function grid(cells, top, height, node) {
  const rows = Math.ceil(cells.length / columns);
  return { nodes: cells.map((one, at) => node(one, ...inColumns(at, rows, top, height))),
           below: top + rows * (height + port.gap) };
}

function legend(hasUnits) {
  const kinds = [['up', hasUnits ? 'link up, in order' : 'link up'],
                 ['down', hasUnits ? 'link down, faulty' : 'link down'],
                 ['none', hasUnits ? 'not in use, not there' : 'not in use']];
  return element('ul', { class: 'legend', 'aria-hidden': 'true' },
                 kinds.map(([light, name]) => element('li', { class: light }, name)));
}

/** @param {{title: string, chassis: string, slots: number, ports: Port[], modules: object[],
 *           fan_trays: object[], power_supplies: object[]}} hardware  as GET hardware has it */
export function chassis({ title, chassis: form, slots, ports, modules, fan_trays: fans, power_supplies: supplies }) {
  const jacks = grid(ports, head, port.height, portNode);
  const units = [...fans.map((one) => ['fan', one]), ...supplies.map((one) => ['supply', one])];
  const afterSlots = jacks.below + (slots > 0 ? slot.height + port.gap : 0);
  const rest = grid(units, afterSlots, unit.height,
                    ([kind, one], x, y) => unitNode(kind, one, { x, y, width: port.width, height: unit.height }));
  const height = rest.below - port.gap + margin;
  return element('div', { class: 'chassis' },
    drawn('svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': `${title}: ${form}` },
      drawn('rect', { class: 'box', x: 1, y: 1, width: width - 2, height: height - 2, rx: 12 }),
      text(margin, margin + 10, 'title', title),
      text(margin, margin + 29, 'form', form),
      jacks.nodes,
      slotNodes(modules, slots, { x: margin, y: jacks.below, width: inner, height: slot.height, gap: port.gap }),
      rest.nodes),
    legend(slots > 0 || units.length > 0));
}
