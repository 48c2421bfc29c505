// Times that run down between two looks at the appliance.
import { element } from './dom.js';

/** "59 s", "12 min", "3 h" */
export function duration(seconds) {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** A text that counts down from `seconds`; "–" for null. */
export function countdown(seconds) {
  if (seconds === null || seconds === undefined) return element('span', {}, '–');
  return element('span', { dataset: { until: Date.now() + seconds * 1000 } }, duration(seconds));
}

/** Lets those inside `node` run until `signal` aborts. */
export function runCountdowns(node, signal) {
  const timer = setInterval(() => {
    for (const span of node.querySelectorAll('[data-until]')) {
      span.textContent = duration((Number(span.dataset.until) - Date.now()) / 1000);
    }
  }, 1000);
  signal.addEventListener('abort', () => clearInterval(timer));
}
