// Modules in their slots, fan trays and power supplies, as they are drawn in the chassis.
import { drawn } from '../dom.js';

const light = { radius: 5, step: 14 };
const icons = {
  fan: ['M0 0 C-9 -3 -9 -14 0 -14 C4 -9 3 -4 0 0', 'M0 0 C7 -6 17 -1 14 7 C8 8 3 5 0 0',
        'M0 0 C2 9 -7 15 -13 10 C-11 4 -6 0 0 0'],
  supply: ['M2 -14 L-8 3 H-1 L-3 14 L8 -4 H1 Z'],
};

/** @typedef {{name: string, state: string, source: string,
 *             lights: {name: string, colour: string}[]}} Unit */

/** "faulty (injected)"
 *  @param {Unit} one */
export function stateText(one) {
  return one.source === 'injected' ? `${one.state} (injected)` : one.state;
}

/** What of a unit is said to those who do not see its lights. */
function spoken(name, one) {
  return [name, stateText(one), ...one.lights.map(({ name: of, colour }) => `${of} ${colour}`)].join(', ');
}

/** The lights of a unit, the last one at `right`. */
function lightNodes(lights, right, y) {
  return lights.map(({ colour }, at) => drawn('circle', {
    class: `light ${colour}`, cx: right - (lights.length - 1 - at) * light.step, cy: y, r: light.radius }));
}

function frame(one, name, { x, y, width, height }, ...content) {
  return drawn('g', { class: `unit ${one.state}`, transform: `translate(${x} ${y})`, role: 'img',
                      'aria-label': name, 'data-unit': one.name, 'data-state': one.state },
    drawn('title', {}, name),
    drawn('rect', { class: 'plate', width, height, rx: 6 }),
    content.flat());
}

/** A fan tray or a power supply. `kind` is 'fan' or 'supply'.
 *  @param {Unit} one */
export function unitNode(kind, one, place) {
  const short = one.name.replace('Power supply', 'Supply').replace('Fan tray', 'Fans');
  return frame(one, spoken(one.name, one), place,
    drawn('g', { class: 'icon', transform: `translate(26 ${place.height / 2 + 8}) scale(0.9)` },
          icons[kind].map((d) => drawn('path', { d }))),
    drawn('text', { x: 10, y: 17, class: 'label' }, short),
    lightNodes(one.lights, place.width - 15, place.height / 2 + 8));
}

/** All slots side by side, the first one on the left; what stands in several of them is as wide.
 *  @param {(Unit & {slot: number, width: number, fitted: boolean})[]} modules */
export function slotNodes(modules, slots, { x, y, width, height, gap }) {
  const step = (width + gap) / slots;
  const free = new Set(Array.from({ length: slots }, (_, at) => at + 1));
  const nodes = modules.map((one) => {
    for (let at = 0; at < one.width; at += 1) free.delete(one.slot + at);
    const place = { x: x + (one.slot - 1) * step, y, width: one.width * step - gap, height };
    const label = drawn('text', { x: 8, y: 18, class: 'label' }, one.name);
    if (!one.fitted) {
      const empty = { name: one.name, state: 'missing', source: 'modelled', lights: [] };
      return frame(empty, `Slot ${one.slot}, empty, takes ${one.name}`, place, label);
    }
    return frame(one, spoken(`Slot ${one.slot}, ${one.name}`, one), place, label,
                 lightNodes(one.lights, place.width - 12, height - 13));
  });
  const blanks = [...free].map((at) => drawn('rect', {
    class: 'blank', x: x + (at - 1) * step, y, width: step - gap, height, rx: 6 }));
  return [...nodes, ...blanks];
}
