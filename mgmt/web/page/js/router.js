// From the address of the page to what it shows. The address is behind a "#", so that it comes back
// with the page, in the history, and as a link that can be sent: "#/table/ip_network.firewall/3".
import { pages } from './pages.js';

/** @typedef {{name: string, path: string[], query: URLSearchParams}} Place */

let leaveGuard = null;
let currentHash = '';

/** @returns {Place} */
export function placeOf(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [name, ...rest] = path.split('/').map(decodeURIComponent);
  return { name, path: rest, query: new URLSearchParams(query) };
}

export function modulesOf(name) {
  return pages.find((page) => page.name === name)?.load();
}

/** `mayLeave()` is asked before the place changes; null takes it away. */
export function guardPlace(mayLeave) {
  leaveGuard = mayLeave;
}

export function go(hash) {
  window.location.hash = hash;
}

/** The same place under a changed address, without showing it anew: sorted, filtered, another page. */
export function renamePlace(hash) {
  window.history.replaceState(null, '', hash);
  currentHash = hash;
}

/** @param {(hash: string) => void} show is called now and at each change of place */
export function startRouter(show) {
  const changed = () => {
    const { hash } = window.location;
    if (hash === currentHash) return;
    if (leaveGuard && !leaveGuard()) {
      window.history.replaceState(null, '', currentHash);
      return;
    }
    leaveGuard = null;
    currentHash = hash;
    show(hash);
  };
  window.addEventListener('hashchange', changed);
  window.addEventListener('beforeunload', (event) => {
    if (leaveGuard && !leaveGuard.quietly()) event.preventDefault();
  });
  currentHash = window.location.hash;
  show(currentHash);
}
