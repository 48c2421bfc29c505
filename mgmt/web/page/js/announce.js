// Results of what the user did: shown for a while, and read out by a screen reader.
import { element } from './dom.js';

const shownFor = 8_000;
const region = element('div', { class: 'announcements', role: 'status', 'aria-live': 'polite' });

export function announcements() {
  return region;
}

/** @param {'done' | 'failed'} kind a failure stays until it is closed */
export function announce(text, kind = 'done', link = null) {
  const close = element('button', { type: 'button', class: 'btn-close', 'aria-label': 'Close' });
  const shown = element('div', { class: `announcement ${kind}` },
                        element('span', {}, text), link, close);
  close.addEventListener('click', () => shown.remove());
  region.append(shown);
  if (kind === 'done') setTimeout(() => shown.remove(), shownFor);
}
