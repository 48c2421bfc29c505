// What the appliance counts, as /metrics tells it (the text format of Prometheus, version 0.0.4).
import { refusalOf, send } from './api.js';

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const label = /(\w+)="((?:[^"\\]|\\.)*)"/g;

function labelsOf(text) {
  const unescaped = (value) => value.replace(/\\(.)/g, (_, sign) => (sign === 'n' ? '\n' : sign));
  return Object.fromEntries([...text.matchAll(label)].map(([, name, value]) => [name, unescaped(value)]));
}

/** @typedef {{labels: Object<string, string>, value: number}} Sample */

export class Metrics {
  constructor(text) {
    /** @type {Map<string, Sample[]>} */
    this.families = new Map();
    for (const row of text.split('\n')) {
      const [, name, labels = '', value] = row.match(line) ?? [];
      if (!name) continue;
      const samples = this.families.get(name) ?? [];
      samples.push({ labels: labelsOf(labels), value: Number(value) });
      this.families.set(name, samples);
    }
  }

  /** @returns {Sample[]} none where the appliance has no such metric */
  samples(name) {
    return this.families.get(name) ?? [];
  }

  /** The sum over all of its labels; undefined where there is none. */
  sum(name) {
    const samples = this.samples(name);
    return samples.length === 0 ? undefined : samples.reduce((sum, { value }) => sum + value, 0);
  }

  /** Values by one label, those that are alike in it together. */
  by(name, key) {
    const values = new Map();
    for (const { labels, value } of this.samples(name)) {
      values.set(labels[key], (values.get(labels[key]) ?? 0) + value);
    }
    return values;
  }
}

export async function readMetrics(signal) {
  const response = await send('GET', '/metrics', { background: true, signal });
  if (!response.ok) throw await refusalOf(response);
  return new Metrics(await response.text());
}
