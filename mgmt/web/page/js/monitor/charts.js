// Charts of how busy the appliance is: live, from what it counts now, and over the quarters of an
// hour that it remembers.
import { get } from '../api.js';
import { element, freshId } from '../dom.js';
import { follow } from '../live.js';
import { readMetrics } from '../metrics.js';
import { renamePlace } from '../router.js';
import { liveChart } from './live_chart.js';
import { grown, percentile } from './percentile.js';

const period = 5_000;
const mostSamples = 180;
/** Percentiles are of what was counted during so many looks: a minute. */
const looksOfPercentiles = 12;

/** What the live charts are made of: a function from metrics to values by name; `rates` are counters. */
const live = {
  registrations: (metrics) => new Map(['registered', 'in between', 'failed'].map((name) => [
    name, metrics.by('trunkline_registrations', 'state').get(name === 'in between' ? 'other' : name)])),
  requests: (metrics) => new Map([
    ['requests sent', metrics.sum('trunkline_sip_requests_sent_total')],
    ['registrations begun', metrics.sum('trunkline_registration_attempts_total')],
    ['retransmissions', metrics.sum('trunkline_sip_retransmissions_total')],
    ['messages received', metrics.sum('trunkline_sip_messages_received_total')]]),
  latency: (metrics) => metrics.by('trunkline_registration_duration_seconds_bucket', 'le'),
  processor: (metrics) => new Map([...metrics.by('trunkline_thread_cpu_seconds_total', 'thread')]
    .map(([thread, seconds]) => [thread, 100 * seconds])),
  packets: (metrics) => new Map([['received', 'received'], ['sent', 'sent']].flatMap(([way, name]) =>
    [...metrics.by(`trunkline_port_${way}_packets_total`, 'port')].map(([port, count]) => [`${port} ${name}`, count]))),
};
const rates = ['requests', 'processor', 'packets'];

const soon = 'The first figure comes in a few seconds.';
const liveCharts = [
  ['registrations', { title: 'Registrations by state', stacked: true, none: 'Nothing registers.' }],
  ['requests', { title: 'SIP requests and messages a second', unit: '/s', none: soon }],
  ['latency', { title: 'Time to register during the last minute', unit: 'ms', none: 'Nothing has registered in the last minute.' }],
  ['processor', { title: 'Processor time of each thread, in per cent of a core', unit: '%', most: 5, none: soon }],
  ['packets', { title: 'Packets of each port a second', unit: '/s', none: soon }],
];

/** What a counter grew by a second; null where it began anew. */
function rate(now, before, key, name) {
  const [value, last] = [now.values[key].get(name), before?.values[key].get(name)];
  if (value === undefined || last === undefined || value < last) return null;
  return (value - last) / ((now.at - before.at) / 1000);
}

function linesOf(samples, key) {
  const names = [...new Set(samples.flatMap(({ values }) => [...values[key].keys()]))];
  return names.map((name) => ({ name, points: samples.map((sample, at) => ({
    x: sample.at,
    y: rates.includes(key) ? rate(sample, samples[at - 1], key, name) : sample.values[key].get(name) ?? null,
  })) }));
}

function latencyLines(samples) {
  return [['half of them within', 0.5], ['95 % within', 0.95], ['99 % within', 0.99]].map(([name, share]) => ({
    name, points: samples.map(({ at, values }, look) => {
      const before = samples[Math.max(0, look - looksOfPercentiles)];
      const seconds = look === 0 ? null : percentile(grown(values.latency, before.values.latency), share);
      return { x: at, y: seconds === null ? null : 1000 * seconds };
    }) }));
}

/** Threads that do nothing would hide those that do something. */
function busiest(lines) {
  const peak = ({ points }) => Math.max(0, ...points.map(({ y }) => y ?? 0));
  return lines.filter((line) => peak(line) >= 0.05).sort((one, other) => peak(other) - peak(one)).slice(0, 8);
}

function linesFor(key, samples) {
  switch (key) {
    case 'latency': return latencyLines(samples);
    case 'processor': return busiest(linesOf(samples, key));
    default: return linesOf(samples, key);
  }
}

async function showLive(grid, signal) {
  const samples = [];
  const charts = liveCharts.map(([key, what]) => [key, liveChart(what, signal)]);
  grid.replaceChildren(...charts.map(([, chart]) => chart.node));
  await follow([], async () => {
    const metrics = await readMetrics(signal);
    const values = Object.fromEntries(Object.entries(live).map(([key, read]) => [key, read(metrics)]));
    samples.push({ at: Date.now(), values });
    if (samples.length > mostSamples) samples.shift();
    await Promise.all(charts.map(([key, chart]) => chart.show(linesFor(key, samples))));
  }, signal, period);
}

const perSecond = (value, interval) => value / ((Date.parse(interval.end) - Date.parse(interval.start)) / 1000);
const asItIs = (value) => value;
const remembered = [
  { title: 'Registered, in per cent of those who register', unit: '%', most: 100,
    lines: [['registered', 'sbc/otherStats/global/sbcRegistrationSuccessRatio', asItIs]] },
  { title: 'Registrations begun a second', unit: '/s',
    lines: [['registrations begun', 'sbc/otherStats/global/registerOutTotal', perSecond]] },
  { title: 'Processors and memory of the machine, in per cent', unit: '%', most: 100,
    lines: [['processors', 'system/cpuStats/cpu/0/cpuUtilization', asItIs],
            ['memory', 'system/systemStats/memoryUtilization', asItIs]] },
];

/** Those of the ports that are in use, in their order: the history knows them by it. */
function portCharts(counters) {
  return { title: 'Packets of each port a second', unit: '/s', lines: counters.ports.flatMap(({ name }, at) => [
    [`${name} received`, `network/portStats/port/${at}/rxPackets`, perSecond],
    [`${name} sent`, `network/portStats/port/${at}/txPackets`, perSecond]]) };
}

async function showHistory(grid, signal) {
  const none = 'The first quarter of an hour is not over yet.';
  const wanted = [...remembered, portCharts(await get('counters', { background: true, signal }))];
  const charts = wanted.map((what) => liveChart({ ...what, none }, signal));
  const paths = wanted.flatMap(({ lines }) => lines.map(([, path]) => path)).slice(0, 64);
  grid.replaceChildren(...charts.map(({ node }) => node));
  await follow([], async () => {
    const { intervals } = await get(`kpi/interval?${new URLSearchParams({ kpi: paths.join(',') })}`, { background: true, signal });
    await Promise.all(charts.map((chart, at) => chart.show(wanted[at].lines.map(([name, path, read]) => ({
      name, points: intervals.map((interval) => ({
        x: Date.parse(interval.end),
        y: path in interval.values ? read(interval.values[path], interval) : null })) })))));
  }, signal, 60_000);
}

export async function show({ title, query, signal }) {
  const grid = element('div', { class: 'charts' });
  const id = freshId('span');
  let turned = new AbortController();
  const open = async (span) => {
    turned.abort();
    turned = new AbortController();
    const either = AbortSignal.any([signal, turned.signal]);
    await (span === 'history' ? showHistory : showLive)(grid, either);
  };
  const choice = element('select', { id, class: 'form-select', on: { change: () => {
    renamePlace(choice.value === 'history' ? '#/charts?span=history' : '#/charts');
    open(choice.value).catch((error) => {
      if (error.name !== 'AbortError') grid.replaceChildren(element('p', { class: 'state failed', role: 'alert' }, error.message));
    });
  } } },
    element('option', { value: 'live' }, 'live, since this page was opened'),
    element('option', { value: 'history' }, 'the last 50 hours, a quarter of an hour each'));
  choice.value = query.get('span') === 'history' ? 'history' : 'live';
  await open(choice.value);
  return element('div', { class: 'status-page' }, element('h1', {}, title),
    element('div', { class: 'table-tools' }, element('label', { for: id }, 'Time'), choice), grid);
}
