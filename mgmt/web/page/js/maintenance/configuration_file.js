// Configuration File: the configuration as a file to keep, and one to load.
import { announce } from '../announce.js';
import { ask } from '../api.js';
import { refreshBoxState } from '../box_state.js';
import { askInDialog } from '../dialogs.js';
import { button, element, freshId } from '../dom.js';
import { faultBox } from '../forms/faults.js';
import { levels, may } from '../session.js';
import { empty } from '../states.js';

const kinds = { ini: { title: 'ini file', file: 'trunkline.ini' }, cliScript: { title: 'CLI script', file: 'trunkline.txt' } };

function downloads() {
  return element('section', { class: 'card-like' }, element('h2', {}, 'Keep it'),
    element('p', { class: 'lead' }, 'Secrets are sealed for a Security Administrator: this appliance alone can open them. ' +
                                    'Others get none.'),
    element('div', { class: 'table-tools' }, Object.entries(kinds).map(([name, { title, file }]) => element('a', {
      class: 'btn btn-outline-secondary', href: `/api/v1/files/${name}`, download: file }, `Download ${title}`))));
}

/** Replaces the running configuration after a question; adds to it at once. */
async function load(kind, replaces, file, faults) {
  faults.show([]);
  if (replaces && !await askInDialog({ title: 'Replace the whole configuration?', confirm: 'Replace', danger: true, content: [
    element('p', {}, `${file.name} replaces all that is set now, and is saved. The appliance starts anew where it has to.`)] })) return;
  const body = new FormData();
  try {
    body.append('file', new Blob([await file.arrayBuffer()]), file.name);
  } catch {
    faults.show(['The file cannot be read, or has changed since it was chosen: choose it again.']);
    return;
  }
  try {
    const { data } = await ask('PUT', `files/${kind}${replaces ? '' : '/incremental'}`, { body });
    announce(`${data.description}${replaces ? '' : ' Not saved yet.'}`);
    faults.show([...data.notes ?? [], ...data.output ? [data.output] : []]);
  } catch (error) {
    faults.show([error.message, ...error.faults.map(({ message }) => message), ...error.notes]);
  }
  refreshBoxState();
}

function upload() {
  const [fileId, kindId] = [freshId('file'), freshId('kind')];
  const file = element('input', { id: fileId, type: 'file', class: 'form-control', accept: '.ini,.txt,.cli,text/plain' });
  const kind = element('select', { id: kindId, class: 'form-select' },
    Object.entries(kinds).map(([name, { title }]) => element('option', { value: name }, title)));
  const faults = faultBox();
  const run = (replaces) => {
    if (file.files.length === 0) faults.show(['Choose a file first.']);
    else load(kind.value, replaces, file.files[0], faults);
  };
  return element('section', { class: 'card-like' }, element('h2', {}, 'Load one'),
    element('div', { class: 'table-tools' },
            element('label', { class: 'visually-hidden', for: fileId }, 'File'), file,
            element('label', { class: 'visually-hidden', for: kindId }, 'What it is'), kind,
            button('Add to what is set', () => run(false)),
            button('Replace all', () => run(true), { class: 'btn btn-outline-danger' })), faults.node);
}

export function show({ title }) {
  if (!may(levels.administrator)) return empty('Your level may not see the configuration as a whole.');
  return element('div', { class: 'status-page' }, element('h1', {}, title), downloads(), upload());
}
