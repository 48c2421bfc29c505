// The control for each type of parameter. A control has `node`, the element that is shown, `focus`,
// the element that a label belongs to, `get()` and `set(value)`; null is the default. Where typing is
// something else than setting, it has `type(value)`, too.
import { get as ask } from '../api.js';
import { resourceOf, tableAt } from '../catalogue.js';
import { element } from '../dom.js';
import { defaultText, display, textOfValue, valueOfText } from './values.js';

// A longer list is typed, not chosen.
const mostChoices = 200;

function textControl(parameter, id) {
  const node = element('input', {
    id, type: 'text', class: 'form-control', autocomplete: 'off', spellcheck: false,
    inputMode: parameter.type === 'integer' && !parameter.list ? 'numeric' : 'text',
    placeholder: display(parameter, parameter.default) });
  return { node, focus: node, get: () => valueOfText(parameter, node.value),
           set: (value) => { node.value = textOfValue(value); } };
}

/** @param {[any, string, boolean?][]} choices value, label, and whether it can be taken */
function choiceControl(parameter, id, choices) {
  const node = element('select', { id, class: 'form-select' });
  const none = parameter.required && parameter.default === undefined ? '(choose)'
    : parameter.default === undefined ? '(none)' : `Default: ${defaultText(parameter)}`;
  const all = [[null, none], ...choices];
  for (const [value, label, available = true] of all) {
    node.append(element('option', { value: JSON.stringify(value), disabled: !available },
                        available ? label : `${label} (not in this version)`));
  }
  return { node, focus: node, get: () => JSON.parse(node.value),
           set: (value) => {
             const wanted = JSON.stringify(value ?? null);
             if (![...node.options].some((option) => option.value === wanted)) {
               node.append(element('option', { value: wanted }, String(value)));
             }
             node.value = wanted;
           } };
}

function booleanControl(parameter, id) {
  return choiceControl(parameter, id, [[true, 'Enable'], [false, 'Disable']]);
}

function enumerationControl(parameter, id) {
  return choiceControl(parameter, id, parameter.values.map(
    ({ name, label, available }) => [name, label, available]));
}

/** Values of an enumeration, or rows of a table, that stand together. */
function checksControl(parameter, id, values = parameter.values) {
  const boxes = values.map(({ name, label, available = true }, at) => {
    const box = element('input', { type: 'checkbox', class: 'form-check-input', value: name,
                                   id: at === 0 ? id : `${id}-${at}`, disabled: !available });
    return { box, row: element('div', { class: 'form-check' }, box,
      element('label', { class: 'form-check-label', for: box.id }, label)) };
  });
  const node = element('fieldset', { class: 'checks' },
    element('legend', { class: 'visually-hidden' }, parameter.label), boxes.map(({ row }) => row));
  return { node, focus: boxes[0].box,
           get: () => {
             const chosen = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
             return chosen.length > 0 ? chosen : null;
           },
           set: (value) => {
             const chosen = (value ?? []).map(String);
             for (const { box } of boxes) box.checked = chosen.includes(box.value);
           } };
}

async function referenceControl(parameter, id) {
  const table = tableAt(parameter.reference);
  const rows = table && !table.above ? await ask(resourceOf(table, [])) : null;
  if (!rows || rows.length > mostChoices || !table.key) return textControl(parameter, id);
  const keys = [...new Set(rows.map((row) => row[table.key]).filter((key) => key !== undefined))];
  if (parameter.list) {
    return keys.length > 0 ? checksControl(parameter, id, keys.map((key) => ({ name: String(key), label: String(key) })))
      : textControl(parameter, id);
  }
  return choiceControl(parameter, id, keys.map((key) => [String(key), String(key)]));
}

/** Never shows what there is; nothing typed changes nothing. */
function secretControl(parameter, id) {
  let there = null;
  const node = element('input', { id, type: 'password', class: 'form-control',
                                  autocomplete: 'new-password' });
  return { node, focus: node, get: () => (node.value === '' ? there : node.value),
           set: (value) => {
             there = value ?? null;
             node.value = '';
             node.placeholder = there ? 'set; type to change it' : '';
           },
           type: (text) => { node.value = text; } };
}

/** A promise of the control where the choices have to be asked for. */
export function controlFor(parameter, id) {
  if (parameter.type === 'secret') return secretControl(parameter, id);
  if (parameter.type === 'reference') return referenceControl(parameter, id);
  if (parameter.type === 'enumeration') {
    return parameter.list ? checksControl(parameter, id) : enumerationControl(parameter, id);
  }
  if (parameter.type === 'boolean') return booleanControl(parameter, id);
  return textControl(parameter, id);
}
