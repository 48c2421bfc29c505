// A field of a dialog with its label.
import { element, freshId } from './dom.js';

/** @returns {{input: HTMLInputElement, row: HTMLElement}} */
export function labelled(label, properties) {
  const id = freshId('field');
  const input = element('input', { id, class: 'form-control', required: true, ...properties });
  return { input, row: element('div', { class: 'mb-3' },
                               element('label', { class: 'form-label', for: id }, label), input) };
}
