// A moment as people read it, where they are.
import { element } from '../dom.js';

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** @param {string | number} when an ISO date, or milliseconds since 1970 */
export function moment(when) {
  const date = new Date(when);
  return element('time', { dateTime: date.toISOString(), title: date.toISOString() }, format.format(date));
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' });

/** The same to the millisecond, for messages: its time of day alone, with the date as what it stands for. */
export function momentOfDay(when) {
  const date = new Date(when);
  return element('time', { dateTime: date.toISOString(), title: date.toISOString() }, clock.format(date));
}

const units = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]];

/** How long something has stood, in its two largest units: "2 days, 3 hours". */
export function uptimeText(seconds) {
  const largest = units.findIndex(([, length]) => seconds >= length);
  const two = largest < 0 ? units.slice(-1) : units.slice(largest, largest + 2);
  let left = Math.max(0, Math.floor(seconds));
  return two.map(([name, length]) => {
    const count = Math.floor(left / length);
    left -= count * length;
    return `${count} ${name}${count === 1 ? '' : 's'}`;
  }).join(', ');
}
