// Search of parameters and pages by label or ini name; a hit leads to the field.
import { tables, titleOf } from './catalogue.js';
import { element, freshId } from './dom.js';
import { entries } from './menu.js';
import { go } from './router.js';

const mostHits = 12;

/** What can be found: a text to search in, what is shown, and where it leads. */
function index() {
  const rows = entries().map((entry) => ({
    label: entry.title, detail: [entry.menu, entry.tab, ...entry.folders].filter(Boolean).join(' › '),
    href: entry.href, text: entry.title.toLowerCase() }));
  for (const table of tables()) {
    for (const parameter of table.parameters) {
      const names = [parameter.label, parameter.ini, parameter.name].filter(Boolean);
      rows.push({ label: parameter.label, detail: [parameter.ini, titleOf(table)].filter(Boolean).join(' · '),
                  href: `#/table/${table.above ?? table.path}?field=${parameter.name}`,
                  text: names.join('\n').toLowerCase() });
    }
  }
  return rows;
}

/** Those that begin with the text come first. */
function hits(rows, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const begins = (row) => row.text.split('\n').some((name) => name.startsWith(wanted));
  const found = rows.filter((row) => row.text.includes(wanted));
  return [...found.filter(begins), ...found.filter((row) => !begins(row))].slice(0, mostHits);
}

/** A combobox (WAI-ARIA APG) over the index. */
export function searchBox() {
  const listId = freshId('search');
  const rows = index();
  const list = element('ul', { id: listId, class: 'search-hits', role: 'listbox', hidden: true,
                               'aria-label': 'Search results' });
  const input = element('input', {
    id: 'search', type: 'search', class: 'form-control', placeholder: 'Search parameters',
    autocomplete: 'off', role: 'combobox', 'aria-label': 'Search by label or ini name',
    'aria-expanded': 'false', 'aria-controls': listId, 'aria-autocomplete': 'list' });
  let shown = [];
  let chosen = -1;

  const choose = (at) => {
    chosen = at;
    [...list.children].forEach((option, index_) => {
      option.setAttribute('aria-selected', String(index_ === at));
    });
    if (at >= 0) list.children[at].scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', at < 0 ? '' : list.children[at].id);
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    choose(-1);
  };
  const open = (row) => {
    close();
    input.value = '';
    go(row.href);
  };
  const refresh = () => {
    shown = hits(rows, input.value);
    list.replaceChildren(...shown.map((row, at) => element('li', {
      id: `${listId}-${at}`, role: 'option', 'aria-selected': 'false',
      on: { pointerdown: (event) => { event.preventDefault(); open(row); } },
    }, element('span', {}, row.label), element('small', {}, row.detail))));
    const isOpen = input.value.trim() !== '';
    if (isOpen && shown.length === 0) {
      list.append(element('li', { class: 'nothing', role: 'presentation' }, 'Nothing has that name.'));
    }
    list.hidden = !isOpen;
    input.setAttribute('aria-expanded', String(isOpen));
    choose(shown.length > 0 ? 0 : -1);
  };
  input.addEventListener('input', refresh);
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && chosen >= 0) open(shown[chosen]);
    else if (event.key === 'ArrowDown' && shown.length > 0) choose((chosen + 1) % shown.length);
    else if (event.key === 'ArrowUp' && shown.length > 0) choose((chosen + shown.length - 1) % shown.length);
    else return;
    event.preventDefault();
  });
  return element('div', { class: 'search', role: 'search' }, input, list);
}
