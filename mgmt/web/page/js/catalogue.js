// The parameter catalogue of the appliance: tables and parameters by their paths. Forms, tables,
// the menu and the search are made of it.
import { get } from './api.js';

/**
 * @typedef {{name: string, label: string, type: string, help?: string, ini?: string, cli?: string,
 *   unit?: string, allowed?: string, default?: any, minimum?: number, maximum?: number,
 *   also?: number[], values?: {name: string, label: string, available?: boolean}[],
 *   reference?: string, waitsFor?: string, reset?: boolean, required?: boolean, list?: boolean,
 *   when?: {parameter: string, values: string[]}}} Parameter
 * @typedef {{path: string, page: string, web: string, resource: string, isList: boolean,
 *   writer: number, help?: string, key?: string, above?: string, parameters: Parameter[]}} Table
 */

/** @type {Map<string, Table>} */
const byPath = new Map();

export async function loadCatalogue() {
  for (const table of (await get('catalogue')).tables) byPath.set(table.path, table);
}

/** @returns {Table[]} */
export function tables() {
  return [...byPath.values()];
}

/** @returns {Table | undefined} */
export function tableAt(path) {
  return byPath.get(path);
}

/** "Proxy Sets": the last part of its place in the menu; of a table in a row its own name. */
export function titleOf(table) {
  return table.web.split(' > ').at(-1);
}

/** The tables inside the rows of this one. */
export function innerTables(table) {
  return tables().filter((inner) => inner.above === table.path);
}

/** The name of `inner` in a row of the table above it. */
export function nameInRow(inner) {
  return inner.path.slice(inner.above.length + 1);
}

/** Where `table` is for the rows above it: "/api/v1/config/.../proxy_sets/3/proxy_addresses". */
export function resourceOf(table, rowsAbove) {
  return rowsAbove.reduce((path, row) => path.replace(/\{row\d*\}/, row), table.resource);
}
