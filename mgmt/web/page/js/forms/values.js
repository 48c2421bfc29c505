// Values of parameters as people read them, and as the appliance takes them.

/** The label of an enumeration's value. */
function labelOf(parameter, name) {
  return parameter.values?.find((value) => value.name === String(name))?.label ?? String(name);
}

/** For a cell of a table, or the text of a default. */
export function display(parameter, value) {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((one) => display({ ...parameter, list: false }, one)).join(', ');
  if (parameter.type === 'boolean') return value ? 'Enable' : 'Disable';
  if (parameter.type === 'enumeration') return labelOf(parameter, value);
  if (parameter.type === 'secret') return '••••••';
  return String(value);
}

/** "3600 s", "Parking", or "none" */
export function defaultText(parameter) {
  const text = display(parameter, parameter.default);
  if (text === '') return 'none';
  return parameter.unit ? `${text} ${parameter.unit}` : text;
}

/** What a text field has, as a value; an empty one is null: the default. */
export function valueOfText(parameter, text) {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (parameter.list) return trimmed.split(/\s*,\s*/).map((one) => valueOfText({ ...parameter, list: false }, one));
  return parameter.type === 'integer' && /^[+-]?\d+$/.test(trimmed) ? Number(trimmed) : text;
}

export function textOfValue(value) {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** The range of a number, for people. */
function rangeText(parameter) {
  const range = `${parameter.minimum} to ${parameter.maximum}`;
  const unit = parameter.unit ? ` ${parameter.unit}` : '';
  return [...(parameter.also ?? []).map(String), range + unit].join(', or ');
}

/** "10 to 2000000 s"; empty where the field itself shows what it takes. */
export function allowedText(parameter) {
  if (['boolean', 'enumeration', 'reference'].includes(parameter.type)) return '';
  if (parameter.type === 'integer') return rangeText(parameter);
  return parameter.allowed ?? '';
}

/** What is plainly wrong with a value; the appliance judges the rest. */
export function faultOf(parameter, value) {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map((one) => faultOf(parameter, one)).find(Boolean) ?? '';
  if (parameter.type !== 'integer') return '';
  const fits = typeof value === 'number' &&
    ((value >= parameter.minimum && value <= parameter.maximum) || parameter.also?.includes(value));
  return fits ? '' : `${value} does not fit: ${rangeText(parameter)}.`;
}

export function same(one, other) {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}
