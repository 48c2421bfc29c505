// Server-sent events of the appliance, read by fetch so that a session that ends, and too many
// listeners, are told from a broken line.
import { ApiError, refusalOf, send } from './api.js';

const shortestWait = 1_000;
const longestWait = 30_000;

/** @typedef {{id: string, kind: string, data: any}} StreamEvent */

/** @returns {StreamEvent | null} null: it tells nothing but that the stream still stands */
function eventOf(block) {
  const event = { id: '', kind: 'message' };
  let data = '';
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const value = line.slice(colon + 1).trimStart();
    if (colon <= 0) continue;
    if (line.startsWith('id:')) event.id = value;
    if (line.startsWith('event:')) event.kind = value;
    if (line.startsWith('data:')) data += value;
  }
  return data ? { ...event, data: JSON.parse(data) } : null;
}

async function readOnce(path, { heard, signal, lastId }) {
  const response = await send('GET', path, {
    background: true, signal, headers: lastId ? { 'Last-Event-ID': lastId } : {} });
  if (!response.ok) throw await refusalOf(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (waiting + value).split('\n\n');
    waiting = blocks.pop();
    const events = blocks.map(eventOf).filter(Boolean);
    if (events.length > 0) heard(events);
  }
}

/**
 * Reads the events of `path`, again and again where the stream ends, until `signal` aborts.
 * @param {{heard: (events: StreamEvent[]) => void, gap?: () => void, refused?: (error: ApiError) =>
 *          void, signal?: AbortSignal, lastId?: string}} how `heard` gets those that came together;
 *   `gap` is called when it begins anew; `lastId`: those behind it that are kept come first
 */
export async function readEvents(path, { heard, gap, refused, signal, lastId = '' }) {
  let last = lastId;
  let wait = shortestWait;
  const noted = (events) => {
    last = events.findLast(({ id }) => id)?.id ?? last;
    heard(events);
  };
  while (!signal?.aborted) {
    try {
      await readOnce(path, { heard: noted, signal, lastId: last });
      wait = shortestWait;
    } catch (error) {
      // A line that broke, or a page that was left: connection.js tells the user of the one.
      if (error instanceof ApiError && error.status) refused?.(error);
      wait = Math.min(wait * 2, longestWait);
    }
    await new Promise((resolve) => { setTimeout(resolve, wait); });
    gap?.();
  }
}
