import { formatNumber } from '../parts/format.ts';
import { readColors, traceCurve, xPosition, yPosition } from './draw.ts';
import type { ChartContent } from './line-chart.ts';
import { type ChartSeries, DASHES, type Range } from './series.ts';

/** Curves as a table: one line for each x that one of them has, one column for each of them. */
export function toCsv(xName: string, series: readonly ChartSeries[]): string {
  const values = new Map<number, (string | undefined)[]>();
  const columns: string[] = [];
  const add = (label: string, x: readonly number[], y: readonly (number | null)[], gaps: ChartSeries['gaps']): void => {
    const column = columns.push(label) - 1;
    const words = new Map((gaps ?? []).map((gap) => [gap.x, gap.value]));
    x.forEach((each, at) => {
      const line = values.get(each) ?? [];
      line[column] = y[at] == null ? (words.get(each) ?? '') : String(y[at]);
      values.set(each, line);
    });
  };
  for (const { label, x, y, raw, gaps } of series) {
    add(label, x, raw ?? y, gaps);
    if (raw !== undefined) add(`${label} (smoothed)`, x, y, gaps);
  }
  const lines = [...values.entries()].sort(([a], [b]) => a - b);
  const head = [xName, ...columns].map(quoted).join(',');
  const body = lines.map(([x, line]) => [String(x), ...columns.map((_, at) => line[at] ?? '')].join(','));
  return `${[head, ...body].join('\n')}\n`;
}

/** A field of a CSV file (RFC 4180). A spreadsheet must not take it for a formula. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function downloadCsv(title: string, xName: string, series: readonly ChartSeries[]): void {
  save(`${fileName(title)}.csv`, new Blob([toCsv(xName, series)], { type: 'text/csv' }));
}

/** The chart as it is drawn, with its title and legend. */
export function downloadPng(title: string, source: HTMLCanvasElement, series: readonly ChartSeries[]): void {
  const ratio = window.devicePixelRatio;
  const colors = readColors();
  const line = 20 * ratio;
  const canvas = document.createElement('canvas');
  canvas.width = source.width;
  canvas.height = source.height + line * (series.length + 2);
  const context = canvas.getContext('2d')!;
  context.fillStyle = colors.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = colors.text;
  context.font = `600 ${14 * ratio}px system-ui, sans-serif`;
  context.fillText(title, 10 * ratio, line);
  context.drawImage(source, 0, 1.5 * line);
  context.font = `${12 * ratio}px system-ui, sans-serif`;
  series.forEach(({ label, style }, index) => {
    const y = source.height + line * (index + 2);
    context.strokeStyle = colors.series[style.color]!;
    context.lineWidth = 2 * ratio;
    context.setLineDash(DASHES[style.dash]!.map((length) => length * ratio));
    context.beginPath();
    context.moveTo(14 * ratio, y);
    context.lineTo(48 * ratio, y);
    context.stroke();
    context.fillText(label, 58 * ratio, y + 4 * ratio);
  });
  canvas.toBlob((blob) => {
    if (blob !== null) save(`${fileName(title)}.png`, blob);
  });
}

interface Seen {
  readonly content: ChartContent;
  readonly x: Range;
  readonly y: Range;
}

const WIDTH = 900;
const HEIGHT = 420;
const MARGIN = { left: 70, right: 20, top: 40, bottom: 50 };

/** The chart as a picture of lines, in the colors of the theme. */
function toSvg(title: string, xName: string, { content, x, y }: Seen, colors = readColors()): string {
  const document = new DOMParser().parseFromString('<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml');
  const root = document.documentElement;
  const add = (name: string, attributes: Readonly<Record<string, string | number>>, text?: string): void => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    // Names of runs and metrics are text, whatever they hold.
    if (text !== undefined) element.textContent = text;
    root.append(element);
  };
  const height = HEIGHT + 20 * content.series.length;
  root.setAttribute('viewBox', `0 0 ${WIDTH} ${height}`);
  root.setAttribute('font-family', 'system-ui, sans-serif');
  root.setAttribute('font-size', '12');
  const plot = {
    context: undefined as never,
    left: MARGIN.left,
    top: MARGIN.top,
    width: WIDTH - MARGIN.left - MARGIN.right,
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
    ratio: 1,
    x,
    y,
    isLog: content.isLog,
    colors,
  };
  add('rect', { width: WIDTH, height, fill: colors.background });
  add('text', { x: 16, y: 24, fill: colors.text, 'font-size': 15, 'font-weight': 600 }, title);
  for (const value of ticks(x, 8)) {
    const at = xPosition(plot, value);
    add('line', { x1: at, x2: at, y1: plot.top, y2: plot.top + plot.height, stroke: colors.grid });
    add(
      'text',
      { x: at, y: plot.top + plot.height + 18, fill: colors.muted, 'text-anchor': 'middle' },
      formatNumber(value),
    );
  }
  for (const value of content.isLog ? logTicks(y) : ticks(y, 6)) {
    const at = yPosition(plot, value);
    add('line', { x1: plot.left, x2: plot.left + plot.width, y1: at, y2: at, stroke: colors.grid });
    add('text', { x: plot.left - 8, y: at + 4, fill: colors.muted, 'text-anchor': 'end' }, formatNumber(value));
  }
  add('text', { x: plot.left + plot.width, y: HEIGHT - 12, fill: colors.muted, 'text-anchor': 'end' }, xName);
  for (const each of content.series) {
    const color = colors.series[each.style.color]!;
    const stroke = (values: readonly (number | null)[], extra: Readonly<Record<string, string | number>>): void => {
      let path = '';
      const fixed = (value: number): string => value.toFixed(2);
      traceCurve(plot, each.x, values, {
        move: (left, top) => (path += `M${fixed(left)} ${fixed(top)}`),
        line: (left, top) => (path += `L${fixed(left)} ${fixed(top)}`),
      });
      add('path', { d: path, fill: 'none', stroke: color, 'stroke-linejoin': 'round', ...extra });
    };
    if (each.raw !== undefined) stroke(each.raw, { opacity: 0.3 });
    stroke(each.y, { 'stroke-width': each.style.width ?? 1.5, 'stroke-dasharray': DASHES[each.style.dash]!.join(' ') });
  }
  for (const { label, value } of content.lines) {
    if (value < y.min || value > y.max) continue;
    const at = yPosition(plot, value);
    add('line', {
      x1: plot.left,
      x2: plot.left + plot.width,
      y1: at,
      y2: at,
      stroke: colors.muted,
      'stroke-dasharray': '3 3',
    });
    add('text', { x: plot.left + plot.width - 4, y: at - 4, fill: colors.muted, 'text-anchor': 'end' }, label);
  }
  content.series.forEach(({ label, style }, index) => {
    const at = HEIGHT + 20 * index;
    const dashes = DASHES[style.dash]!.join(' ');
    add('line', {
      x1: 20,
      x2: 52,
      y1: at,
      y2: at,
      stroke: colors.series[style.color]!,
      'stroke-width': 2,
      'stroke-dasharray': dashes,
    });
    add('text', { x: 60, y: at + 4, fill: colors.text }, label);
  });
  return new XMLSerializer().serializeToString(document);
}

export function downloadSvg(title: string, xName: string, seen: Seen): void {
  save(`${fileName(title)}.svg`, new Blob([toSvg(title, xName, seen)], { type: 'image/svg+xml' }));
}

/** Round values within a range, about `count` of them. */
export function ticks({ min, max }: Range, count: number): number[] {
  const rough = (max - min) / count;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * size).find((each) => each >= rough) ?? rough;
  const values: number[] = [];
  for (let index = Math.ceil(min / step); index * step <= max; index++)
    values.push(Number((index * step).toPrecision(12)));
  return values;
}

function logTicks({ min, max }: Range): number[] {
  const values: number[] = [];
  for (let power = Math.ceil(Math.log10(min)); power <= Math.log10(max); power++) values.push(10 ** power);
  return values.length > 1 ? values : ticks({ min, max }, 5).filter((value) => value > 0);
}

function fileName(title: string): string {
  return title.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'chart';
}

function save(name: string, blob: Blob): void {
  const href = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(href);
  }, 10_000);
}
