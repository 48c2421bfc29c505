// What happens in the appliance, as it happens.
import { readEvents } from './event_stream.js';

const target = new EventTarget();

function tell(kind, data) {
  target.dispatchEvent(new CustomEvent(kind, { detail: data }));
}

/** Listens for as long as the page stands. After a gap, `missed` tells that all may have changed. */
export function startEvents() {
  readEvents('events', {
    heard: (events) => events.forEach(({ kind, data }) => tell(kind, data)),
    gap: () => tell('missed', null),
  });
}

/**
 * Calls `listener(data)` at each event of these kinds until `signal` aborts. The kinds are those of
 * GET /api/v1/events, and `missed`.
 */
export function onEvent(kinds, listener, signal) {
  for (const kind of kinds) {
    target.addEventListener(kind, (event) => listener(event.detail), { signal });
  }
}
