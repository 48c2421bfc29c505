// Whether the appliance answers: told by every request, heard by whoever shows it.

const target = new EventTarget();
let isReachable = true;

function change(now) {
  if (now === isReachable) return;
  isReachable = now;
  target.dispatchEvent(new CustomEvent('change', { detail: now }));
}

export const reached = () => change(true);
export const unreachable = () => change(false);

/** `listener(isReachable)` at each change. */
export function onConnection(listener) {
  target.addEventListener('change', (event) => listener(event.detail));
}
