// The actions of the tool bar: Save and Reset, marked while the appliance needs them, and the menu of
// those that have a page, with Lock and Unlock.
import { announce } from './announce.js';
import { ask } from './api.js';
import { onBoxState, refreshBoxState } from './box_state.js';
import { askInDialog } from './dialogs.js';
import { button, element } from './dom.js';
import { dropDown } from './drop_down.js';
import { levels, may } from './session.js';

async function save() {
  try {
    await ask('POST', 'actions/saveConfiguration', { body: {} });
    announce('Saved: the appliance starts with this configuration from now on.');
  } catch (error) {
    announce(`Not saved: ${error.message}`, 'failed');
  }
  refreshBoxState();
}

async function reset() {
  const box = element('input', { type: 'checkbox', class: 'form-check-input', id: 'reset-saves',
                                 checked: true });
  const sure = await askInDialog({
    title: 'Reset the appliance?', confirm: 'Reset', danger: true,
    content: [
      element('p', {}, 'It stops cleanly and starts anew. Registrations are remembered: those that ' +
                       'are not due are not sent again.'),
      element('div', { class: 'form-check' }, box,
              element('label', { class: 'form-check-label', for: 'reset-saves' },
                      'Save the configuration first'))],
  });
  if (!sure) return;
  try {
    await ask('POST', 'actions/reset', { body: { saveConfiguration: box.checked } });
    announce('The appliance resets now. This page goes on once it answers again.');
  } catch (error) {
    announce(`No reset: ${error.message}`, 'failed');
  }
}

function marked(tool, isNeeded, why) {
  tool.classList.toggle('needed', isNeeded);
  tool.title = isNeeded ? why : '';
  tool.querySelector('.visually-hidden').textContent = isNeeded ? ` (${why})` : '';
}

export function boxActions() {
  const mark = () => element('span', { class: 'visually-hidden' });
  const disabled = !may(levels.administrator);
  const saveTool = button('Save', save, { class: 'tool', id: 'save', disabled });
  const resetTool = button('Reset', reset, { class: 'tool', id: 'reset', disabled });
  saveTool.append(mark());
  resetTool.append(mark());
  onBoxState((state) => {
    marked(saveTool, state.saveNeeded, 'changes are not saved');
    marked(resetTool, state.resetNeeded, 'changes wait for a reset');
  });
  return [saveTool, resetTool];
}

async function lock() {
  const sure = await askInDialog({
    title: 'Lock the appliance?', confirm: 'Lock', danger: true,
    content: [element('p', {}, 'It un-registers everything and serves nobody until it is unlocked, or starts anew. ' +
                               'Peers that ask it with OPTIONS are answered 503.')],
  });
  if (sure) await change('lock');
}

/** @param {'lock' | 'unlock'} action */
async function change(action) {
  try {
    const { data } = await ask('POST', `actions/${action}`);
    announce(`${data.description}.`, 'done', element('a', { href: '#/registrations' }, 'Registration Status'));
  } catch (error) {
    announce(`Not ${action}ed: ${error.message}`, 'failed');
  }
  refreshBoxState();
}

/** Lock, or Unlock while the appliance is locked. */
function lockButton() {
  let isLocked = false;
  const tool = button('Lock', () => (isLocked ? change('unlock') : lock()),
                      { id: 'lock', disabled: !may(levels.administrator) });
  onBoxState((state) => {
    isLocked = state.operationalState === 'LOCKED';
    tool.textContent = isLocked ? 'Unlock' : 'Lock';
  });
  return tool;
}

export function actionsMenu() {
  const pages = [['Configuration File', '#/configuration-file'], ['Debug File', '#/debug-file']];
  return dropDown('Actions', [
    element('ul', { class: 'actions' }, pages.map(([text, href]) => element('li', {}, element('a', { href }, text)))),
    lockButton()], { id: 'actions' });
}
