// The head of a table's page: its title, with the way back from a row.
import { tableAt, titleOf } from '../catalogue.js';
import { element } from '../dom.js';

function nameOf(table, number, values) {
  if (number === 'new') return 'New row';
  const key = values?.[table.key];
  return key === undefined ? `Row ${number}` : `${number}: ${key}`;
}

/** @param {object} values of the row, if the page is one */
export function pathToPage({ table, numbers, above }, values) {
  const steps = [];
  if (table.above) {
    const outer = tableAt(table.above);
    steps.push([titleOf(outer), `#/table/${outer.path}`],
               [nameOf(outer, above[0]), `#/table/${outer.path}/${above[0]}`]);
  }
  const rows = `#/table/${[table.path, ...above].join('/')}`;
  const isRow = numbers.length > above.length;
  if (isRow) steps.push([titleOf(table), rows]);
  const title = isRow ? nameOf(table, numbers.at(-1), values) : titleOf(table);
  const way = steps.length === 0 ? null : element('nav', { class: 'way', 'aria-label': 'Way back' },
    steps.map(([text, href]) => element('a', { href }, text)));
  return element('div', { class: 'page-head' }, way, element('h1', {}, title));
}
