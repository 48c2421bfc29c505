// A page of settings, or of one row of a table: fields made of the catalogue, and what is done with
// what was typed: applied, looked at first, thrown away. Settings inside a row (a port's device) are
// a group of fields of its form.
import { announce } from '../announce.js';
import { ask } from '../api.js';
import { refreshBoxState } from '../box_state.js';
import { innerTables, nameInRow, titleOf } from '../catalogue.js';
import { button, element } from '../dom.js';
import { go, guardPlace } from '../router.js';
import { may } from '../session.js';
import { confirmDifference } from './difference.js';
import { faultBox, placeFaults } from './faults.js';
import { makeField } from './field.js';
import { pathToPage } from './page_path.js';
import { registerButtons } from './register_buttons.js';

const conflict = 412;

/** Shows the fields that have a meaning beside the others (the catalogue's `when`). */
function followConditions(fields) {
  const valueOf = (group, name) => {
    const field = fields.find((one) => one.group === group && one.parameter.name === name);
    return String(field?.value() ?? field?.parameter.default);
  };
  for (const { node, group, parameter: { when } } of fields) {
    if (when) node.hidden = !when.values.includes(valueOf(group, when.parameter));
  }
}

function innerLinks(table, numbers, values) {
  return innerTables(table).filter((inner) => inner.isList).map((inner) => {
    const count = values[nameInRow(inner)]?.length ?? 0;
    return element('a', { class: 'inner-table', href: `#/table/${inner.path}/${numbers.join('/')}` },
                   `${titleOf(inner)}: ${count} row${count === 1 ? '' : 's'} »`);
  });
}

/** The fields of a table, each with its group: where it stands in a row's JSON, "" for the row itself. */
async function makeFields(table, isReadOnly) {
  const groups = [[table, ''], ...innerTables(table).filter((inner) => !inner.isList)
    .map((inner) => [inner, nameInRow(inner)])];
  const fields = groups.flatMap(([{ parameters }, group]) => parameters.map(
    async (parameter) => Object.assign(await makeField(parameter, isReadOnly), { group })));
  return Promise.all(fields);
}

/** The fields of each group under its title. */
function groupNodes(table, fields) {
  const nodesOf = (group) => fields.filter((field) => field.group === group).map((field) => field.node);
  return [element('div', { class: 'fields' }, nodesOf('')),
          ...innerTables(table).filter((inner) => !inner.isList).map((inner) => element(
            'fieldset', { class: 'fields' }, element('legend', {}, titleOf(inner)), nodesOf(nameInRow(inner))))];
}

/** The form and what it has to do with the appliance. */
class Form {
  constructor(place, fields) {
    this.place = place;
    this.fields = fields;
    this.isNew = place.numbers.at(-1) === 'new';
    const isRow = place.table.isList && !this.isNew;
    this.resource = isRow ? `${place.resource}/${place.numbers.at(-1)}` : place.resource;
    this.etag = null;
    this.faults = faultBox();
    this.changes = element('span', { class: 'changes', role: 'status' });
    this.buttons = {
      review: button('Review', () => this.run(() => this.review()), { id: 'review' }),
      discard: button('Discard', () => this.run(() => this.load()), { id: 'discard' }),
      apply: button('Apply', () => this.run(() => this.apply()), { id: 'apply', class: 'btn btn-primary' }),
    };
    for (const field of fields) field.whenChanged(() => this.refresh());
  }

  changed() {
    return this.fields.filter((field) => field.isChanged());
  }

  refresh() {
    followConditions(this.fields);
    const count = this.changed().length;
    this.changes.textContent = count === 0 ? '' : `${count} change${count === 1 ? '' : 's'} not applied`;
    for (const one of Object.values(this.buttons)) one.disabled = count === 0 && !this.isNew;
  }

  /** What the appliance has now; with `keeps`, what was typed stands over it. */
  async load(keeps = false) {
    const { data, etag } = this.isNew ? { data: {}, etag: null } : await ask('GET', this.resource);
    this.etag = etag;
    this.values = data;
    for (const field of this.fields) {
      const there = field.group ? data[field.group] : data;
      field[keeps ? 'keep' : 'show'](there?.[field.parameter.name]);
    }
    this.faults.show([]);
    this.refresh();
  }

  /** One thing at a time; what goes wrong is told above the fields. */
  async run(what) {
    for (const one of Object.values(this.buttons)) one.disabled = true;
    try {
      await what();
    } catch (error) {
      if (error.status === conflict) this.tellConflict(error);
      else this.faults.show(placeFaults(error, this.fields));
    } finally {
      this.refresh();
    }
  }

  tellConflict(error) {
    const again = button('Load what there is now, and keep what I changed',
                         () => this.run(() => this.load(true)));
    this.faults.show(['Somebody else changed the configuration meanwhile; nothing was applied.',
                      error.message], again);
    again.focus();
  }

  write(preview) {
    const body = {};
    for (const { group, parameter, value } of this.changed()) {
      const place = group ? body[group] ??= {} : body;
      place[parameter.name] = value();
    }
    return ask(this.isNew ? 'POST' : 'PATCH', this.resource + (preview ? '?preview=true' : ''),
               { body, etag: this.etag });
  }

  /** Whether all fields look right. */
  isRight() {
    const wrong = this.fields.filter((field) => !field.node.hidden && !field.check());
    wrong[0]?.focus();
    return wrong.length === 0;
  }

  async review() {
    if (!this.isRight()) return;
    const { data } = await this.write(true);
    this.faults.show([]);
    if (await confirmDifference(data)) await this.apply();
  }

  async apply() {
    if (!this.isRight()) return;
    const { data, location } = await this.write(false);
    const count = data.differences.length;
    announce(`Applied: ${count} difference${count === 1 ? '' : 's'}. ${
      data.resetNeeded ? 'Some wait for a reset. ' : ''}${data.saveNeeded ? 'Not saved yet.' : ''}`);
    refreshBoxState();
    if (this.isNew) {
      guardPlace(null);
      go(`#/table/${[this.place.table.path, ...this.place.above, location.split('/').at(-1)].join('/')}`);
    } else {
      await this.load();
    }
  }

  /** For the router: whether the page may be left. */
  guard() {
    const quietly = () => this.changed().length === 0;
    const mayLeave = () => quietly() ||
      window.confirm('What was changed here is not applied. Leave it?');
    return Object.assign(mayLeave, { quietly });
  }
}

/** Brings the field into sight that the address names: a hit of the search. */
function pointAt(fields, name) {
  const wanted = fields.find((field) => field.parameter.name === name);
  if (!wanted) return;
  wanted.node.classList.add('wanted');
  requestAnimationFrame(() => wanted.focus());
}

export async function showForm(place) {
  const { table } = place;
  const isReadOnly = !may(table.writer);
  const fields = await makeFields(table, isReadOnly);
  const form = new Form(place, fields);
  await form.load();
  guardPlace(form.guard());
  const node = element('form', { class: 'form-page', noValidate: true, on: { submit: (event) => {
    event.preventDefault();
    if (!form.buttons.apply.disabled) form.buttons.apply.click();
  } } },
    pathToPage(place, form.values), element('p', { class: 'lead' }, table.help ?? ''),
    isReadOnly ? element('p', { class: 'read-only' }, 'Your level may look at this, and change nothing.') : null,
    form.faults.node, groupNodes(table, fields),
    form.isNew ? null : innerLinks(table, place.numbers, form.values),
    element('div', { class: 'foot' },
            element('div', { class: 'foot-left' }, registerButtons(table, form.isNew ? null : form.values)),
            element('div', { class: 'foot-right' }, form.changes,
                    isReadOnly ? [] : Object.values(form.buttons))));
  pointAt(fields, place.query.get('field'));
  return node;
}
