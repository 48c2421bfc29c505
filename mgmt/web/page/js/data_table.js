// Tables that are sorted by a press on a column's head: of rows that come a page at a time, in the
// order that whoever has them all put them in, and of rows that are all here, filtered by a text and
// shown a part at a time so that thousands stay quick.
import { button, element, redraw } from './dom.js';

const rowsShown = 100;
const collator = new Intl.Collator(undefined, { numeric: true });

/**
 * @typedef {{title: string, value: (row: any) => any, cell?: (row: any) => Node | string,
 *            number?: boolean, field?: string}} Column `value` is what is sorted by and searched in
 */

/** The head of a column that sorts; `onSort` is called when it is pressed. */
function sortHead(column, sorted, onSort) {
  const direction = sorted === null ? null : sorted ? 'ascending' : 'descending';
  return element('th', { scope: 'col', 'aria-sort': direction },
                 element('button', { type: 'button', class: 'sort', on: { click: onSort } }, column.title));
}

/** The body's rows; each cell carries its column's title for narrow screens. */
export function bodyRow(columns, row, tools, data) {
  const cells = columns.map((column) => element('td', {
    'data-title': column.title, class: column.number ? 'number' : null,
  }, column.cell ? column.cell(row) : String(column.value(row) ?? '')));
  return element('tr', { dataset: data }, cells, tools ? element('td', { class: 'row-tools' }, tools) : null);
}

/**
 * A table whose rows are handed to `show(rows, most)`, which shows the first so many of them in the
 * order that was chosen last.
 * @param {{caption: string, columns: Column[], rowTools?: (row: any) => (Node | null)[],
 *          data?: (row: any) => object, sorted?: {column: Column | null, ascending: boolean},
 *          onSort?: () => void}} what `caption` is for those who hear the page, `data` is what each
 *   row's element carries; `onSort` is told that `sorted` is another order, in which it hands the
 *   rows from then on
 */
export function sortableTable({ caption, columns, rowTools, data, onSort,
                                sorted = { column: null, ascending: true } }) {
  let rows = [];
  let most = Infinity;
  const head = element('tr');
  const body = element('tbody');
  const inOrder = () => {
    if (!sorted.column || onSort) return rows;
    const { value } = sorted.column;
    const sign = sorted.ascending ? 1 : -1;
    return [...rows].sort((one, other) => sign * collator.compare(value(one) ?? '', value(other) ?? ''));
  };
  const sort = (column) => {
    sorted.ascending = sorted.column === column ? !sorted.ascending : true;
    sorted.column = column;
    draw();
    onSort?.();
    head.children[columns.indexOf(column)].firstChild.focus();
  };
  const drawHead = () => head.replaceChildren(
    ...columns.map((column) => sortHead(column, sorted.column === column ? sorted.ascending : null,
                                        () => sort(column))),
    ...(rowTools ? [element('th', { scope: 'col' }, element('span', { class: 'visually-hidden' }, 'Actions'))] : []));
  const drawBody = () => redraw(body, inOrder().slice(0, most)
    .map((row) => bodyRow(columns, row, rowTools?.(row), data?.(row))));
  function draw() {
    drawHead();
    drawBody();
  }
  drawHead();
  return {
    node: element('div', { class: 'table-scroll', tabIndex: 0, role: 'region', 'aria-label': caption },
                  element('table', {}, element('caption', { class: 'visually-hidden' }, caption),
                          element('thead', {}, head), body)),
    show: (newRows, atMost = Infinity) => {
      rows = newRows;
      most = atMost;
      drawBody();
    },
  };
}

/**
 * @param {{caption: string, columns: Column[], rows: any[], tools?: Node[],
 *          rowTools?: (row: any) => (Node | null)[]}} what
 */
export function dataTable({ caption, columns, rows, tools = [], rowTools }) {
  const state = { text: '', shown: rowsShown };
  const table = sortableTable({ caption, columns, rowTools });
  const count = element('span', { class: 'count', role: 'status' });
  const more = button('Show more', () => { state.shown += rowsShown; refresh(); });
  const filter = element('input', {
    type: 'search', class: 'form-control', placeholder: 'Filter', 'aria-label': `Filter ${caption}`,
    on: { input: () => { state.text = filter.value.toLowerCase(); state.shown = rowsShown; refresh(); } } });

  const matching = () => (state.text === '' ? rows : rows.filter((row) => columns.some(
    (column) => String(column.value(row) ?? '').toLowerCase().includes(state.text))));
  function refresh() {
    const found = matching();
    table.show(found, state.shown);
    count.textContent = found.length === rows.length ? `${rows.length} rows` : `${found.length} of ${rows.length} rows`;
    more.hidden = found.length <= state.shown;
  }
  refresh();
  return element('div', { class: 'data-table' },
    element('div', { class: 'table-tools' }, tools, filter, count), table.node, more);
}
