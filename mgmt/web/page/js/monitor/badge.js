// A state in a word and a colour; the word says all.
import { element } from '../dom.js';

/** @param {'good' | 'waiting' | 'bad' | 'worst' | 'quiet'} tone */
export function badge(text, tone) {
  return element('span', { class: `badge-state ${tone}` }, text);
}

/** Of a row of the registrations. */
export function registrationBadge({ state, registered }) {
  return badge(state, state === 'FAILED' ? 'bad' : registered ? 'good' : 'waiting');
}

const severityTones = { critical: 'worst', major: 'bad', minor: 'waiting', warning: 'waiting', indeterminate: 'quiet',
                        cleared: 'good' };
/** The worst first. */
export const severities = Object.keys(severityTones);

export function severityBadge(severity, text = severity) {
  return badge(text, severityTones[severity] ?? 'quiet');
}
