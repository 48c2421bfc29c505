// A menu that opens below its name: it closes with Escape, where the focus goes elsewhere, and when
// something of it is chosen.
import { element } from './dom.js';

/** @param {string} name */
export function dropDown(name, content, properties = {}) {
  const summary = element('summary', {}, name);
  const node = element('details', { class: 'drop-down', ...properties, on: {
    keydown: (event) => {
      if (event.key !== 'Escape' || !node.open) return;
      node.open = false;
      summary.focus();
    },
    focusout: (event) => {
      if (event.relatedTarget && !node.contains(event.relatedTarget)) node.open = false;
    },
    click: (event) => {
      if (event.target.closest('a, button')) node.open = false;
    },
  } }, summary, element('div', { class: 'menu-panel' }, content));
  return node;
}
