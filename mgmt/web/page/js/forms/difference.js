// What a change would make different, as the appliance tells it before it is applied: with the names
// that the pages have.
import { tableAt, tables, titleOf } from '../catalogue.js';
import { askInDialog } from '../dialogs.js';
import { element } from '../dom.js';

/**
 * @typedef {{path: string, text: string, before?: string, after?: string, is_row: boolean,
 *            needs_reset: boolean}} Difference
 */

/** The page, its row and the label of what stands at a path such as "a.accounts[2].register". */
function namesOf(path) {
  const plain = path.replace(/\[\d+\]/g, '');
  const row = path.match(/\[(\d+)\](?!.*\[)/)?.[1];
  const at = row === undefined ? '' : ` ${row}`;
  const table = tableAt(plain);
  if (table) return { page: titleOf(table), label: `Row${at}` };
  const dot = plain.lastIndexOf('.');
  const owner = tables().find((one) => one.path === plain.slice(0, dot));
  const parameter = owner?.parameters.find((one) => one.name === plain.slice(dot + 1));
  return { page: owner ? titleOf(owner) + at : plain.slice(0, dot), label: parameter?.label ?? plain };
}

/** @param {Difference} difference */
function line(difference) {
  const { page, label } = namesOf(difference.path);
  const { before, after } = difference;
  const kind = { '+': 'added', '-': 'removed' }[difference.text[0]] ?? 'changed';
  const words = difference.is_row ? `${kind}: ${difference.text.split(' ').slice(2).join(' ')}`
    : { added: `set to ${after}`, removed: `no longer ${before}`, changed: `${before} → ${after}` }[kind];
  return element('li', { class: kind },
    element('span', { class: 'where' }, page), element('strong', {}, label), ' ',
    element('span', { class: 'what' }, words),
    difference.needs_reset ? element('span', { class: 'mark reset' }, 'needs reset') : null);
}

/**
 * Resolves to whether it is to be applied.
 * @param {{differences: Difference[], resetNeeded: boolean}} preview
 */
export function confirmDifference(preview) {
  const { differences } = preview;
  const content = differences.length === 0 ? element('p', {}, 'Nothing would change.')
    : element('ul', { class: 'differences' }, differences.map(line));
  return askInDialog({ title: 'What would change', content: [content],
                       confirm: differences.length > 0 ? 'Apply' : undefined });
}
