// A chart of lines over time, with a legend that has the latest values as text: what the picture
// shows is there for those who do not see it. The library is loaded with the first chart.
import { drawn, element } from '../dom.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const fineClock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const shortSpan = 15 * 60_000;
const colourCount = 8;

/**
 * @typedef {{name: string, points: {x: number, y: number | null}[]}} Line `x` in milliseconds since
 *   1970; a point without `y` is a gap
 */

let loaded = null;

function library() {
  loaded ??= import('../../lib/chart.mjs').then(({ Chart, ...parts }) => {
    Chart.register(parts.LineController, parts.LineElement, parts.PointElement, parts.LinearScale, parts.Filler);
    return Chart;
  });
  return loaded;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function numberText(value, unit) {
  if (value === null || value === undefined) return '–';
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit ? ` ${unit}` : ''}`;
}

/** Of a tick, as fine as what the axis spans asks for; called by the library on its axis. */
function timeText(value) {
  return (this.max - this.min < shortSpan ? fineClock : clock).format(value);
}

function optionsOf({ unit, stacked, most }) {
  const axis = { grid: { color: colour('line'), borderColor: colour('line') },
                 ticks: { color: colour('quiet'), maxTicksLimit: 6 } };
  return {
    animation: false, responsive: true, maintainAspectRatio: false, events: [],
    elements: { point: { radius: 0 }, line: { borderWidth: 2 } },
    scales: {
      x: { ...axis, type: 'linear', bounds: 'data', ticks: { ...axis.ticks, maxRotation: 0, callback: timeText } },
      y: { ...axis, beginAtZero: true, stacked, suggestedMax: most,
           ticks: { ...axis.ticks, callback: (value) => numberText(value, unit) } },
    },
  };
}

/**
 * @param {{title: string, unit?: string, stacked?: boolean, most?: number, none: string}} what
 *   `none` is said while there is nothing to draw; `most`: the axis reaches so far at least
 * @param {AbortSignal} signal ends it
 * @returns {{node: HTMLElement, show: (lines: Line[]) => Promise<void>}}
 */
export function liveChart(what, signal) {
  const canvas = element('canvas', { role: 'img' });
  const legend = element('ul', { class: 'values' });
  const nothing = element('p', { class: 'nothing' }, what.none);
  const area = element('div', { class: 'canvas', hidden: true }, canvas);
  const node = element('figure', { class: 'card-like chart' }, element('figcaption', {}, what.title), area, nothing, legend);
  let chart = null;
  let shown = [];

  const datasets = (lines) => lines.map(({ name, points }, at) => {
    const stroke = colour(`chart-${at % colourCount}`);
    return { label: name, data: points, borderColor: stroke, backgroundColor: `${stroke}55`, fill: what.stacked ? 'stack' : false,
             borderDash: at < colourCount ? [] : [5, 4] };
  });
  const describe = (lines) => {
    const latest = lines.map(({ name, points }) => [name, numberText(points.at(-1)?.y, what.unit)]);
    canvas.setAttribute('aria-label', `${what.title}; latest: ${latest.map((pair) => pair.join(' ')).join(', ')}`);
    legend.replaceChildren(...latest.map(([name, value], at) => element('li', { dataset: { name } },
      drawn('svg', { viewBox: '0 0 10 10', 'aria-hidden': 'true' },
            drawn('rect', { width: 10, height: 10, rx: 2, fill: colour(`chart-${at % colourCount}`) })),
      element('span', {}, name), ' ', element('strong', {}, value))));
  };
  const drop = () => {
    chart?.destroy();
    chart = null;
  };
  const show = async (lines) => {
    shown = lines;
    const Chart = await library();
    if (signal.aborted) return;
    const isEmpty = !lines.some(({ points }) => points.some(({ y }) => y !== null));
    area.hidden = isEmpty;
    nothing.hidden = !isEmpty;
    describe(isEmpty ? [] : lines);
    if (isEmpty) {
      drop();
    } else if (chart) {
      chart.data.datasets = datasets(lines);
      chart.update();
    } else {
      chart = new Chart(canvas, { type: 'line', data: { datasets: datasets(lines) }, options: optionsOf(what) });
    }
  };
  // Other colours where light turns to dark.
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    drop();
    show(shown);
  }, { signal });
  signal.addEventListener('abort', drop);
  return { node, show };
}
