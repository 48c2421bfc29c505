// What a page shows while there is nothing else to show: it loads, it is empty, it failed.
import { button, element } from './dom.js';

export function loading(what) {
  return element('div', { class: 'state', role: 'status' },
                 element('span', { class: 'spinner', 'aria-hidden': 'true' }), `Loading ${what} …`);
}

export function empty(text, ...more) {
  return element('div', { class: 'state empty' }, element('p', {}, text), ...more);
}

/** @param {() => void} again is offered to the user */
export function failed(error, again) {
  return element('div', { class: 'state failed', role: 'alert' },
                 element('p', {}, error.message), button('Try again', again));
}
