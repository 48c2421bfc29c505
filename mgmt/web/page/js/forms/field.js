// A parameter on a page: its label and names, its control, its help, and what is wrong with it.
import { element, freshId } from '../dom.js';
import { controlFor } from './controls.js';
import { allowedText, defaultText, faultOf, same } from './values.js';

function marks(parameter) {
  const made = [];
  if (parameter.waitsFor) {
    made.push(element('span', { class: 'mark waits', title: `Kept, and acts once there are: ${parameter.waitsFor}` },
                      'not yet in effect'));
  }
  if (parameter.reset) {
    made.push(element('span', { class: 'mark reset', title: 'A change acts after a reset' }, 'needs reset'));
  }
  return made;
}

/**
 * @returns {Promise<{node: HTMLElement, parameter: object, value: () => any, isChanged: () => boolean,
 *   show: (value: any) => void, keep: (value: any) => void, tell: (fault: string) => void,
 *   check: () => boolean, focus: () => void, whenChanged: (listener: () => void) => void}>}
 *   `show` is what the appliance has; `keep` lets what was typed stand over a newer one
 */
export async function makeField(parameter, isReadOnly) {
  const id = freshId('field');
  const control = await controlFor(parameter, id);
  const help = element('p', { class: 'help', id: `${id}-help` }, parameter.help ?? '');
  const fault = element('p', { class: 'fault', id: `${id}-fault` });
  const allowed = allowedText(parameter);
  const node = element('div', { class: 'field', dataset: { parameter: parameter.name } },
    element('div', { class: 'names' },
            element('label', { for: id }, parameter.label, parameter.required ? element('abbr', { title: 'required' }, ' *') : null),
            parameter.ini ? element('code', {}, parameter.ini) : null, marks(parameter)),
    element('div', { class: 'control' },
            element('div', { class: 'input' }, control.node,
                    parameter.unit ? element('span', { class: 'unit' }, parameter.unit) : null),
            fault, help,
            allowed ? element('p', { class: 'range' }, `${allowed} · default: ${defaultText(parameter)}`)
              : null));
  let shown = null;
  control.focus.setAttribute('aria-describedby', `${fault.id} ${help.id}`);
  for (const input of control.node.matches('input, select') ? [control.node] : control.node.querySelectorAll('input')) {
    input.disabled ||= isReadOnly;
  }

  // What has no meaning beside the other settings is not asked for, and goes.
  const value = () => (node.hidden ? null : control.get());
  const isChanged = () => !same(value(), shown);
  const tell = (text) => {
    fault.textContent = text;
    node.classList.toggle('wrong', text !== '');
    control.focus.setAttribute('aria-invalid', String(text !== ''));
  };
  const check = () => {
    tell(isChanged() ? faultOf(parameter, value()) : '');
    return fault.textContent === '';
  };
  const mark = () => node.classList.toggle('changed', isChanged());
  return {
    node, parameter, isChanged, tell, check,
    value,
    show: (there) => { shown = there ?? null; control.set(shown); tell(''); mark(); },
    keep: (newer) => {
      const typed = isChanged() ? control.get() : undefined;
      shown = newer ?? null;
      control.set(shown);
      if (typed !== undefined) (control.type ?? control.set)(typed);
      mark();
    },
    focus: () => { control.focus.focus(); node.scrollIntoView({ block: 'center' }); },
    whenChanged: (listener) => {
      node.addEventListener('input', () => { tell(''); mark(); listener(); });
      node.addEventListener('change', check);
    },
  };
}
