// What the whole page shows of the appliance: its name, whether a save or a reset is needed, and
// whether it is locked.
import { get } from './api.js';
import { onEvent } from './events.js';

/** @typedef {{hostname: string, productType: string, saveNeeded: boolean,
 *             resetNeeded: boolean, operationalState: 'LOCKED' | 'UNLOCKED'}} BoxState */

const target = new EventTarget();

/** Looks anew; also a change of ours that no event has told yet. */
export async function refreshBoxState() {
  try {
    const state = await get('status', { background: true });
    target.dispatchEvent(new CustomEvent('state', { detail: state }));
  } catch {
    // connection.js shows that nothing answers; the next event looks again.
  }
}

/** @param {(state: BoxState) => void} listener */
export function onBoxState(listener) {
  target.addEventListener('state', (event) => listener(event.detail));
}

export function followBoxState() {
  onEvent(['configuration', 'missed'], refreshBoxState);
  onEvent(['alarm'], ({ name }) => {
    if (name === 'acgwAdminStateChange') refreshBoxState();
  });
  refreshBoxState();
}
