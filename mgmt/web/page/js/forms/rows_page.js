// The rows of a table: sorted, filtered, opened, added, moved, removed.
import { announce } from '../announce.js';
import { ask } from '../api.js';
import { refreshBoxState } from '../box_state.js';
import { innerTables, nameInRow, titleOf } from '../catalogue.js';
import { askInDialog } from '../dialogs.js';
import { button, element } from '../dom.js';
import { dataTable } from '../data_table.js';
import { go } from '../router.js';
import { may } from '../session.js';
import { empty } from '../states.js';
import { confirmDifference } from './difference.js';
import { pathToPage } from './page_path.js';
import { registerButtons } from './register_buttons.js';
import { display } from './values.js';

const mostColumns = 5;

/** The columns that tell rows apart: the key, what must be given, and what is given most; no secrets. */
function columnsOf(table, rows) {
  const given = (parameter) => rows.filter((row) => row[parameter.name] !== undefined).length;
  const weight = (parameter) => (parameter.name === table.key ? 3e9 : parameter.required ? 2e9 : given(parameter));
  const shown = table.parameters.filter((parameter) => parameter.type !== 'secret');
  const chosen = shown.filter((parameter) => weight(parameter) > 0)
    .sort((one, other) => weight(other) - weight(one)).slice(0, mostColumns);
  return chosen.length > 0 ? shown.filter((parameter) => chosen.includes(parameter))
    : shown.slice(0, mostColumns);
}

async function remove(place, row, etag, again) {
  const resource = `${place.resource}/${row.row}`;
  try {
    const { data } = await ask('DELETE', `${resource}?preview=true`, { etag });
    if (!await confirmDifference(data)) return;
    await ask('DELETE', resource, { etag });
    announce(`Row ${row.row} of ${titleOf(place.table)} is removed. Not saved yet.`);
    refreshBoxState();
    again();
  } catch (error) {
    await askInDialog({ title: `Row ${row.row} stays`, content: [element('p', {}, error.message)] });
    if (error.status === 412) again();
  }
}

/** Two rows change their numbers; the others are as they were. */
async function swap(place, rows, one, other, etag, again) {
  const numbers = { [one.row]: other.row, [other.row]: one.row };
  const body = rows.map((row) => ({ ...row, row: numbers[row.row] ?? row.row })).sort((before, after) => before.row - after.row);
  try {
    await ask('PUT', place.resource, { body, etag });
    announce(`Row ${one.row} of ${titleOf(place.table)} is row ${other.row} now. Not saved yet.`);
    refreshBoxState();
  } catch (error) {
    await askInDialog({ title: `Row ${one.row} stays where it is`, content: [element('p', {}, error.message)] });
  }
  again();
}

/** A secret is not told, so it cannot move with its row: such tables keep their order. */
function movers(place, rows, row, etag, again) {
  const { table } = place;
  if (!may(table.writer) || rows.length < 2 || table.parameters.some(({ type }) => type === 'secret')) return [];
  const at = rows.indexOf(row);
  return [['▲', 'up', -1], ['▼', 'down', 1]].map(([sign, way, by]) => button(
    sign, () => swap(place, rows, row, rows[at + by], etag, again),
    { 'aria-label': `Move row ${row.row} ${way}`, disabled: rows[at + by] === undefined }));
}

function toolsOf(place, rows, row, etag, again) {
  const { table } = place;
  const inner = innerTables(table).filter((one) => one.isList).map((one) => element('a', {
    href: `#/table/${one.path}/${row.row}` }, `${titleOf(one)} (${row[nameInRow(one)]?.length ?? 0})`));
  return [...inner, ...registerButtons(table, row), ...movers(place, rows, row, etag, again),
          may(table.writer) ? button('Delete', () => remove(place, row, etag, again),
            { class: 'btn btn-outline-danger', 'aria-label': `Delete row ${row.row}` }) : null];
}

export async function showRows(place) {
  const { table, above } = place;
  const here = `#/table/${[table.path, ...above].join('/')}`;
  const page = element('div', { class: 'rows-page' });
  const show = async () => {
    const { data: rows, etag } = await ask('GET', place.resource);
    const add = button('New', () => go(`${here}/new`), { class: 'btn btn-primary', id: 'new',
      disabled: !may(table.writer) || rows.length >= table.mostRows });
    const columns = [
      { title: 'Index', value: (row) => row.row,
        cell: (row) => element('a', { href: `${here}/${row.row}` }, String(row.row)) },
      ...columnsOf(table, rows).map((parameter) => ({
        title: parameter.label, value: (row) => display(parameter, row[parameter.name]),
        cell: (row) => (parameter.name === table.key
          ? element('a', { href: `${here}/${row.row}` }, display(parameter, row[parameter.name]))
          : display(parameter, row[parameter.name])) }))];
    page.replaceChildren(
      pathToPage(place), element('p', { class: 'lead' }, table.help ?? ''),
      rows.length === 0 ? empty('There is no row yet.', add)
        : dataTable({ caption: titleOf(table), columns, rows, tools: [add],
                      rowTools: (row) => toolsOf(place, rows, row, etag, show) }));
  };
  await show();
  return page;
}
