// Who is signed in. The session itself is a cookie that no script can read; what is kept here is
// what the appliance says of it.

/** @typedef {{user: string, level: number, levelName: string, csrfToken: string}} Session */

/** @type {Session | null} */
let current = null;
let askAgain = null;
let asking = null;

export const levels = { monitor: 50, administrator: 100, securityAdministrator: 200, master: 220 };

export function session() {
  return current;
}

/** Whether the user's level is enough. */
export function may(level) {
  return current !== null && current.level >= level;
}

async function answerOf(response) {
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  if (!response.ok) {
    throw Object.assign(new Error(answer.description ?? response.statusText),
                        { status: response.status,
                          retryAfter: Number(response.headers.get('Retry-After')) || 0 });
  }
  return answer;
}

/** The session that the browser still has, if any. It is used by that. */
export async function restoreSession() {
  const response = await fetch('session', { cache: 'no-store' });
  current = response.status === 401 ? null : await answerOf(response);
  return current;
}

export async function openSession(user, password) {
  const response = await fetch('session', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user, password }),
  });
  current = await answerOf(response);
  return current;
}

export async function closeSession() {
  await fetch('session', { method: 'DELETE', headers: { 'X-CSRF-Token': current.csrfToken } });
  current = null;
}

/** `ask(reason)` lets somebody sign in; it is called when a session ends. */
export function whenSessionEnds(ask) {
  askAgain = ask;
}

/**
 * Waits until somebody has signed in again, however many requests found the session over. Another
 * user starts from the beginning: what is on the page was not his.
 */
export async function sessionEnded() {
  asking ??= (async () => {
    const before = current?.user;
    await askAgain('The session has ended. Sign in again to go on where you were.');
    if (before && current.user !== before) window.location.reload();
  })().finally(() => { asking = null; });
  await asking;
}

/** While somebody works on the page, the session is in use even if nothing is asked for. */
export function keepSessionWhileWorking(everyMilliseconds = 60_000) {
  let last = Date.now();
  const used = () => {
    if (current === null || asking || Date.now() - last < everyMilliseconds) return;
    last = Date.now();
    fetch('session', { cache: 'no-store' }).catch(() => {});  // the next request tells
  };
  for (const event of ['keydown', 'pointerdown']) window.addEventListener(event, used);
}
