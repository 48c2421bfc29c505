// Overview: the box with its ports, what it is, and how it is, live.
import { get } from '../api.js';
import { drawn, element, redraw } from '../dom.js';
import { follow } from '../live.js';
import { readMetrics } from '../metrics.js';
import { badge, severities, severityBadge } from './badge.js';
import { chassis, linkOf, speedText } from './chassis.js';
import { stateText } from './chassis_units.js';
import { uptimeText } from './moment.js';

const longest = 5_000;

function card(title, ...content) {
  return element('section', { class: 'card-like' }, element('h2', {}, title), content);
}

/** A list of names and values; what is not known is left out. */
function facts(rows) {
  return element('dl', { class: 'facts' }, rows.filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))));
}

/** A part of a whole as a bar, with its words beside it. */
function share(ratio, words) {
  const width = Math.round(100 * Math.min(1, Math.max(0, ratio)));
  return element('span', { class: 'share' }, words,
    drawn('svg', { viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
          drawn('rect', { class: 'whole', width: 100, height: 8, rx: 2 }),
          drawn('rect', { class: 'part', width, height: 8, rx: 2 })));
}

function percent(ratio) {
  return ratio === undefined ? undefined : share(ratio, `${(100 * ratio).toFixed(0)} %`);
}

function registrations(metrics) {
  const by = metrics.by('trunkline_registrations', 'state');
  const [registered, failed, other] = ['registered', 'failed', 'other'].map((state) => by.get(state) ?? 0);
  const total = registered + failed + other;
  if (total === 0) return element('p', {}, 'Nothing registers: there is no account or trunk group that does.');
  return element('div', {}, share(registered / total, `${registered} of ${total} registered`),
    element('p', { class: 'badges' },
      badge(`${registered} registered`, registered > 0 ? 'good' : 'quiet'),
      badge(`${failed} failed`, failed > 0 ? 'bad' : 'quiet'),
      badge(`${other} in between`, other > 0 ? 'waiting' : 'quiet')),
    element('p', {}, element('a', { href: '#/registrations' }, 'Registration Status'), ' · ',
            element('a', { href: '#/registrations?state=FAILED' }, 'those that failed')));
}

function alarms(metrics) {
  const by = metrics.by('trunkline_alarms_active', 'severity');
  const there = severities.filter((severity) => by.get(severity) > 0);
  return element('div', {},
    element('p', { class: 'badges' }, there.length === 0 ? badge('No alarm is active', 'good')
      : there.map((severity) => severityBadge(severity, `${by.get(severity)} ${severity}`))),
    element('p', {}, element('a', { href: '#/alarms' }, 'Active Alarms'), ' · ',
            element('a', { href: '#/alarms-history' }, 'Alarms History')));
}

function ports(hardware) {
  return element('ul', { class: 'ports' }, hardware.ports.filter((port) => port.in_use).map((port) => {
    const { light, text } = linkOf(port);
    return element('li', { dataset: { port: port.label } }, element('strong', {}, port.label), ' ',
      badge(text, light === 'up' ? 'good' : 'bad'),
      [speedText(port.speed_mbps), port.group, port.driver].filter(Boolean).join(' · '));
  }));
}

/** What of the box itself is no port; empty: there is nothing of it. */
function units({ modules, fan_trays: fans, power_supplies: supplies, temperatures }) {
  const row = (name, isWell, words, more) => element('li', { dataset: { unit: name } }, element('strong', {}, name), ' ',
                                                     badge(words, isWell ? 'good' : 'bad'), more);
  return [...[...modules.filter((one) => one.fitted), ...fans, ...supplies].map((one) =>
            row(one.name, one.state === 'ok', stateText(one), one.source === 'modelled' ? 'as modelled' : '')),
          ...temperatures.map((one) => row(one.sensor.replaceAll('_', ' '), !one.too_high,
            `${one.celsius} °C (${one.source})`, `alarm at ${one.critical} °C`))];
}

function hardwareCard(hardware) {
  const rows = units(hardware);
  return rows.length === 0 ? [] : [card('Hardware', element('ul', { class: 'ports' }, rows))];
}

export async function show({ title, signal }) {
  const front = element('div');
  const cards = element('div', { class: 'cards' });
  await follow(['alarm', 'registration', 'registrations', 'configuration'], async () => {
    const [status, hardware, metrics] = await Promise.all([
      get('status', { background: true, signal }), get('hardware', { background: true, signal }), readMetrics(signal)]);
    const memory = metrics.sum('process_resident_memory_bytes');
    redraw(front, chassis(hardware));
    redraw(cards,
      card('Registrations', registrations(metrics)),
      card('Alarms', alarms(metrics)),
      card('Device', facts([
        ['Name', status.hostname], ['Model', status.productType], ['Version', status.versionID],
        ['Address', status.ipAddress], ['Serial number', status.serialNumber], ['MAC address', status.macAddress],
        ['State', status.operationalState.toLowerCase()], ['Up for', uptimeText(status.systemUpTime / 100)]])),
      card('Load', facts([
        ['Processors', percent(metrics.sum('trunkline_cpu_ratio'))],
        ['Memory of the machine', percent(metrics.sum('trunkline_memory_ratio'))],
        ['Memory of the appliance', memory === undefined ? undefined : `${(memory / 2 ** 20).toFixed(0)} MiB`]]),
        element('p', {}, element('a', { href: '#/charts' }, 'Charts'))),
      card('Ports', ports(hardware)),
      ...hardwareCard(hardware));
  }, signal, longest);
  return element('div', { class: 'status-page' }, element('h1', {}, title), front, cards);
}
