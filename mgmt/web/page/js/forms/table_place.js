// The pages of the catalogue's tables, by their addresses: "#/table/PATH" is a group of settings or
// the rows of a table, "#/table/PATH/3" a row, "#/table/PATH/new" one that is not there yet. Rows of
// a table inside a row have both numbers: "#/table/PATH.INNER/3/0".
import { resourceOf, tableAt } from '../catalogue.js';
import { empty } from '../states.js';
import { showForm } from './form_page.js';
import { showRows } from './rows_page.js';

export function showTable(context) {
  const [tablePath, ...numbers] = context.path;
  const table = tableAt(tablePath);
  const depth = table?.above ? 1 : 0;
  if (!table || numbers.length < depth || numbers.length > depth + 1) {
    return empty('There is no such page.');
  }
  const above = numbers.slice(0, depth);
  const place = { ...context, table, resource: resourceOf(table, above), numbers, above };
  return table.isList && numbers.length === depth ? showRows(place) : showForm(place);
}
