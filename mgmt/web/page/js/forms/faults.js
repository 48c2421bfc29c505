// What the appliance refused, put where it belongs: at the fields, and the rest above them.
import { element } from '../dom.js';

/** The parameter that a fault's pointer ends with: "/.../accounts/2/register". */
function parameterOf(fault) {
  return fault.pointer?.split('/').filter((part) => !/^\d+$/.test(part)).at(-1);
}

/** Without the path before it: the field says where it is. */
function shortened(message, name) {
  const at = message.indexOf(`${name}: `);
  return at < 0 ? message : message.slice(at + name.length + 2);
}

/**
 * Shows each fault of an ApiError at its field. Returns the texts that belong to none.
 * @param {{parameter: object, tell: (text: string) => void, focus: () => void}[]} fields
 */
export function placeFaults(error, fields) {
  const elsewhere = [];
  let first = null;
  for (const fault of error.faults ?? []) {
    const name = parameterOf(fault);
    const field = fields.find((one) => one.parameter.name === name);
    if (field) {
      field.tell(shortened(fault.message, name));
      first ??= field;
    } else {
      elsewhere.push(fault.message);
    }
  }
  first?.focus();
  return first || elsewhere.length > 0 ? elsewhere : [error.message];
}

/** A box for what belongs to no field; `show([])` empties it. */
export function faultBox() {
  const node = element('div', { class: 'faults', role: 'alert' });
  const show = (texts, ...more) => {
    node.replaceChildren(...texts.map((text) => element('p', {}, text)), ...more);
  };
  return { node, show };
}
