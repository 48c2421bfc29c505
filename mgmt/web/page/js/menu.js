// The menu: Setup made of the catalogue, Monitor and Troubleshoot of the pages that there are.
import { tables, titleOf } from './catalogue.js';
import { pages } from './pages.js';

/** @typedef {{menu: string, tab: string, folders: string[], title: string, href: string}} Entry */

const menus = ['Setup', 'Monitor', 'Troubleshoot'];
// As the appliance family has them; what is not here comes behind.
const order = [
  'IP Network', 'Signaling & Media', 'Administration',
  'Core Entities', 'Security', 'Media', 'Gateway', 'SBC', 'SIP Definitions', 'Message Manipulation',
  'Intrusion Detection', 'Trunks & Groups', 'Routing', 'Web & CLI', 'Maintenance',
  'Summary', 'Performance Monitoring', 'VoIP Status', 'Network Status',
];

function rank(name) {
  const at = order.indexOf(name);
  return at < 0 ? order.length : at;
}

/** @returns {Entry} of a place such as "Setup > IP Network > Security > Firewall" */
function entry(place, title, href) {
  const parts = place.split(' > ');
  const menu = parts.shift();
  const tab = menu === 'Setup' ? parts.shift() : '';
  return { menu, tab, folders: parts.slice(0, -1), title, href };
}

function tableEntry(table) {
  return entry(table.web, titleOf(table), `#/table/${table.path}`);
}

/** @returns {Entry[]} */
export function entries() {
  return [...tables().filter((table) => table.web.includes(' > ') && !table.above).map(tableEntry),
          ...pages.map((page) => entry(page.place, page.title, `#/${page.name}`))];
}

export function menuNames() {
  return menus.filter((menu) => entries().some((row) => row.menu === menu));
}

export function tabNames(menu) {
  const names = new Set(entries().filter((row) => row.menu === menu).map((row) => row.tab));
  return [...names].filter((tab) => tab).sort((one, other) => rank(one) - rank(other));
}

/**
 * The tree of a tab.
 * @typedef {{name: string, folders: Folder[], entries: Entry[]}} Folder
 * @returns {Folder}
 */
export function tree(menu, tab) {
  const root = { name: '', folders: [], entries: [] };
  for (const row of entries().filter((one) => one.menu === menu && one.tab === tab)) {
    let folder = root;
    for (const name of row.folders) {
      let inside = folder.folders.find((one) => one.name === name);
      if (!inside) {
        inside = { name, folders: [], entries: [] };
        folder.folders.push(inside);
        folder.folders.sort((one, other) => rank(one.name) - rank(other.name));
      }
      folder = inside;
    }
    folder.entries.push(row);
  }
  return root;
}

/** The first page of a menu, or of a tab of it. */
export function firstOf(menu, tab = tabNames(menu)[0] ?? '') {
  let folder = tree(menu, tab);
  while (folder.entries.length === 0 && folder.folders.length > 0) [folder] = folder.folders;
  return folder.entries[0];
}
