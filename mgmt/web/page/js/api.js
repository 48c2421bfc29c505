// Requests of the REST interface, with the session's token. A session that has ended is asked for
// anew, and the request goes on then.
import { session, sessionEnded } from './session.js';
import { reached, unreachable } from './connection.js';

/** What the appliance refused, or why it was not asked: `status` is 0 then. */
export class ApiError extends Error {
  constructor(status, message, faults = [], notes = []) {
    super(message);
    this.status = status;
    /** @type {{pointer?: string, message: string}[]} */
    this.faults = faults;
    /** @type {string[]} */
    this.notes = notes;
  }
}

async function bodyOf(response) {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return { description: text };
  }
}

/**
 * The response to one request, whatever its status but 401.
 * @param {string} path below /api/v1, or absolute
 * @param {{body?: any | FormData, etag?: string, background?: boolean, headers?: object,
 *          signal?: AbortSignal}} options `background`: no use of the session
 */
export async function send(method, path, { body, etag, background, headers, signal } = {}) {
  const url = path.startsWith('/') ? path : `/api/v1/${path}`;
  const isJson = body !== undefined && !(body instanceof FormData);
  for (;;) {
    let response;
    try {
      response = await fetch(url, {
        method,
        signal,
        cache: 'no-store',
        headers: {
          'X-CSRF-Token': session()?.csrfToken ?? 'none',
          ...(isJson ? { 'Content-Type': 'application/json' } : {}),
          ...(etag ? { 'If-Match': etag } : {}),
          ...(background ? { 'X-Background': 'yes' } : {}),
          ...headers,
        },
        body: isJson ? JSON.stringify(body) : body,
      });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      unreachable();
      throw new ApiError(0, 'The appliance does not answer.');
    }
    reached();
    if (response.status !== 401) return response;
    await sessionEnded();
  }
}

/** What a response that is not ok says. */
export async function refusalOf(response) {
  const data = await bodyOf(response);
  return new ApiError(response.status, data?.description ?? response.statusText, data?.faults, data?.notes);
}

/**
 * What one request gives: its JSON, its ETag, and where a new row is.
 * @returns {Promise<{data: any, etag: string | null, location: string | null}>}
 */
export async function ask(method, path, options) {
  const response = await send(method, path, options);
  if (!response.ok) throw await refusalOf(response);
  const data = await bodyOf(response);
  return { data, etag: response.headers.get('ETag'), location: response.headers.get('Location') };
}

export async function get(path, options) {
  return (await ask('GET', path, options)).data;
}
