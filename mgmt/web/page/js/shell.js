// What stands around every page: the menu bar with the tools, the tabs and the tree, and the place
// where pages are shown.
import { announcements } from './announce.js';
import { bell } from './bell.js';
import { actionsMenu, boxActions } from './box_actions.js';
import { followBoxState, onBoxState } from './box_state.js';
import { onConnection } from './connection.js';
import { button, element } from './dom.js';
import { dropDown } from './drop_down.js';
import { showTable } from './forms/table_place.js';
import { entries, firstOf, menuNames, tabNames, tree } from './menu.js';
import { changePassword } from './own_password.js';
import { go, modulesOf, placeOf, startRouter } from './router.js';
import { searchBox } from './search.js';
import { closeSession, session } from './session.js';
import { empty, failed, loading } from './states.js';

const home = '#/table/signaling_and_media.sip_definitions.proxy_and_registration';

function link(text, href, isCurrent) {
  return element('a', { href, 'aria-current': isCurrent ? 'page' : null }, text);
}

function folderNode(folder, current) {
  return element('li', {},
    element('details', { open: true }, element('summary', {}, folder.name), branch(folder, current)));
}

function branch(folder, current) {
  return element('ul', {},
    folder.entries.map((entry) => element('li', {}, link(entry.title, entry.href, entry.href === current.href))),
    folder.folders.map((inside) => folderNode(inside, current)));
}

/** The entry of the menu that the address belongs to. */
function entryOf(hash) {
  const [path] = hash.split('?');
  return entries().filter((entry) => path === entry.href || path.startsWith(`${entry.href}/`))
    .sort((one, other) => other.href.length - one.href.length)[0];
}

async function signOut() {
  try {
    await closeSession();
  } finally {
    window.location.assign('/');  // a session that could not be closed ends by itself
  }
}

function userMenu() {
  const { user, levelName } = session();
  return dropDown(user, [element('p', {}, `${user}, ${levelName}`),
                         button('Change password', changePassword, { id: 'change-password' }),
                         button('Sign out', signOut, { id: 'sign-out' })], { id: 'user-menu' });
}

export function startShell(app) {
  const menuBar = element('nav', { class: 'menu-bar', 'aria-label': 'Menu' });
  const tabs = element('nav', { class: 'tabs', 'aria-label': 'Tabs' });
  const treeNode = element('nav', { class: 'tree', id: 'tree', 'aria-label': 'Pages' });
  const main = element('main', { id: 'main', tabIndex: -1 });
  const hostname = element('span', { class: 'hostname' });
  const offline = element('p', { class: 'offline', role: 'alert', hidden: true },
                          'The appliance does not answer. What is shown here may be old.');
  const toggle = button('Pages', () => {
    const isOpen = treeNode.classList.toggle('open');
    toggle.setAttribute('aria-expanded', String(isOpen));
  }, { class: 'tree-toggle', 'aria-controls': 'tree', 'aria-expanded': 'false' });
  let leaving = new AbortController();
  let hasShown = false;

  const showMenus = (current) => {
    menuBar.replaceChildren(...menuNames().map(
      (menu) => link(menu, firstOf(menu).href, menu === current?.menu)));
    const names = current ? tabNames(current.menu) : [];
    tabs.hidden = names.length === 0;
    tabs.replaceChildren(...names.map(
      (tab) => link(tab, firstOf(current.menu, tab).href, tab === current.tab)));
    treeNode.replaceChildren(...(current ? [branch(tree(current.menu, current.tab), current)] : []));
    const marked = treeNode.querySelector('[aria-current]');
    if (marked) treeNode.scrollTop = marked.offsetTop - treeNode.clientHeight / 2;
    treeNode.classList.remove('open');
    toggle.setAttribute('aria-expanded', 'false');
  };

  const show = async (hash) => {
    if (!hash) return go(home);
    leaving.abort();
    leaving = new AbortController();
    const { signal } = leaving;
    const place = placeOf(hash);
    const current = entryOf(hash);
    const title = current?.title ?? 'Page';
    showMenus(current);
    document.title = `${title} · Trunkline`;
    main.replaceChildren(loading(title));
    // The first page leaves the focus at the top, where the link to the content is.
    if (hasShown) main.focus({ preventScroll: true });
    hasShown = true;
    window.scrollTo(0, 0);
    try {
      const context = { ...place, hash, signal, title };
      const module = place.name === 'table' ? { show: showTable } : await modulesOf(place.name);
      const page = module ? await module.show(context)
        : empty('There is no such page.', link('To the first page', home, false));
      if (!signal.aborted) {
        main.replaceChildren(page);
        performance.mark('page shown');
        main.querySelector('[data-wanted]')?.focus();
      }
    } catch (error) {
      if (!signal.aborted) main.replaceChildren(failed(error, () => show(hash)));
    }
    return undefined;
  };

  onConnection((isReachable) => { offline.hidden = isReachable; });
  onBoxState((state) => { hostname.textContent = state.hostname; });
  app.replaceChildren(
    element('a', { class: 'skip', href: '#main', on: { click: (event) => {
      event.preventDefault();
      main.focus();
    } } }, 'To the content'),
    element('header', {},
            element('a', { class: 'brand', href: home }, 'Trunkline'), hostname, menuBar, searchBox(),
            element('div', { class: 'tools' }, boxActions(), actionsMenu(), bell(), userMenu())),
    offline, tabs,
    element('div', { class: 'body' }, toggle, treeNode, main), announcements());
  followBoxState();
  startRouter(show);
}
