import {
  type ChartLine,
  type ChartSeries,
  DASHES,
  MARKERS,
  positionOf,
  type Range,
  type SeriesStyle,
} from './series.ts';

/** Place of a chart on its canvas, in the canvas's pixels, and what is to be seen. */
export interface Plot {
  readonly context: CanvasRenderingContext2D;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Pixels of the canvas for one of the page. */
  readonly ratio: number;
  readonly x: Range;
  readonly y: Range;
  readonly isLog: boolean;
  readonly colors: ChartColors;
}

/** Colors of the theme as the page has them now. */
export interface ChartColors {
  readonly series: readonly string[];
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly background: string;
}

/** Reads the theme's colors, which a canvas needs as values. */
export function readColors(): ChartColors {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    series: Array.from({ length: 8 }, (_, index) => read(`--series-${index + 1}`)),
    text: read('--ink'),
    muted: read('--muted'),
    grid: read('--line'),
    background: read('--panel'),
  };
}

/** Position of a value on the canvas, from the top. */
export function yPosition(plot: Plot, value: number): number {
  const { y, isLog, top, height } = plot;
  const part = isLog
    ? (Math.log10(value) - Math.log10(y.min)) / (Math.log10(y.max) - Math.log10(y.min))
    : (value - y.min) / (y.max - y.min);
  return top + height * (1 - part);
}

export function xPosition({ x, left, width }: Plot, value: number): number {
  return left + (width * (value - x.min)) / (x.max - x.min);
}

const MOST_DASHED = 16;

/** Draws every series: bands, raw curves, lines, markers, gaps, and the lines of baselines above them. */
export function drawSeries(plot: Plot, series: readonly ChartSeries[], lines: readonly ChartLine[]): void {
  const { context } = plot;
  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top, plot.width, plot.height);
  context.clip();
  context.lineJoin = 'round';
  for (const each of series) if (each.band !== undefined) drawBand(plot, each);
  for (const each of series)
    if (each.raw !== undefined) strokeCurve(plot, each.x, each.raw, { ...each.style, dash: 0, width: 1 }, 0.28);
  // Dashes cost as much as the lines: where there are many, markers alone tell them apart.
  const isMany = series.length > MOST_DASHED;
  if (isMany) context.lineJoin = 'bevel';
  for (const { x, y, style } of series) strokeCurve(plot, x, y, isMany ? { ...style, dash: 0, width: 1 } : style, 1);
  series.forEach((each, index) => {
    drawMarkers(plot, each, index, series.length);
  });
  for (const each of series) drawGaps(plot, each);
  drawLines(plot, lines);
  context.restore();
}

function drawBand(plot: Plot, { x, band, style }: ChartSeries): void {
  const { context } = plot;
  const lowest = plot.isLog ? plot.y.min : -Infinity;
  const at = (value: number): number => yPosition(plot, Math.max(value, lowest));
  context.beginPath();
  const inside: number[] = [];
  for (let index = 0; index < x.length; index++)
    if (band!.low[index] != null && band!.high[index] != null) inside.push(index);
  for (const index of inside) context.lineTo(xPosition(plot, x[index]!), at(band!.high[index]!));
  for (const index of inside.reverse()) context.lineTo(xPosition(plot, x[index]!), at(band!.low[index]!));
  context.closePath();
  context.globalAlpha = 0.16;
  context.fillStyle = plot.colors.series[style.color]!;
  context.fill();
  context.globalAlpha = 1;
}

/**
 * Strokes a curve with at most four points for each column of pixels: first, smallest, largest, last. No spike is lost,
 * and a million points cost no more strokes than the canvas has columns.
 */
function strokeCurve(
  plot: Plot,
  x: readonly number[],
  y: readonly (number | null)[],
  style: SeriesStyle,
  alpha: number,
): void {
  const { context, ratio } = plot;
  context.beginPath();
  traceCurve(plot, x, y, {
    move: (left, top) => {
      context.moveTo(left, top);
    },
    line: (left, top) => {
      context.lineTo(left, top);
    },
  });
  context.globalAlpha = alpha;
  context.strokeStyle = plot.colors.series[style.color]!;
  context.lineWidth = (style.width ?? 1.5) * ratio;
  context.setLineDash(DASHES[style.dash]!.map((length) => length * ratio));
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Pen that follows a curve, in the canvas's pixels. */
export interface Pen {
  readonly move: (x: number, y: number) => void;
  readonly line: (x: number, y: number) => void;
}

/** Follows the part of a curve that is seen, and one point on each side of it. */
export function traceCurve(plot: Plot, x: readonly number[], y: readonly (number | null)[], pen: Pen): void {
  const from = Math.max(0, positionOf(x, plot.x.min) - 1);
  const to = Math.min(x.length, positionOf(x, plot.x.max) + 1);
  let isDown = false;
  let column = NaN;
  let [low, high, last] = [0, 0, 0];
  let count = 0;
  const finish = (): void => {
    if (count > 1) {
      pen.line(column, high);
      pen.line(column, low);
      pen.line(column, last);
    }
    count = 0;
    column = NaN;
  };
  for (let at = from; at < to; at++) {
    const value = y[at];
    if (value === null || value === undefined || (plot.isLog && value <= 0)) {
      finish();
      isDown = false;
      continue;
    }
    const left = xPosition(plot, x[at]!);
    const top = yPosition(plot, value);
    const pixel = Math.round(left * 2) / 2;
    if (pixel === column) {
      if (top > low) low = top;
      if (top < high) high = top;
      last = top;
      count++;
      continue;
    }
    finish();
    if (isDown) pen.line(left, top);
    else {
      pen.move(left, top);
      // A point alone between gaps is a short dash.
      pen.line(left + 0.1, top);
    }
    isDown = true;
    column = pixel;
    low = high = last = top;
    count = 1;
  }
  finish();
}

const MARKERS_A_LINE = 6;

function drawMarkers(plot: Plot, { x, y, style }: ChartSeries, index: number, count: number): void {
  const { context, ratio } = plot;
  const isSparse = x.length <= 24;
  const size = 3 * ratio;
  context.fillStyle = context.strokeStyle = plot.colors.series[style.color]!;
  context.lineWidth = 1.5 * ratio;
  const mark = (at: number): void => {
    const value = y[at];
    if (value == null || (plot.isLog && value <= 0)) return;
    markAt(context, style.marker, xPosition(plot, x[at]!), yPosition(plot, value), size);
  };
  if (isSparse) for (let at = 0; at < x.length; at++) mark(at);
  else if (count > 1)
    for (let step = 0; step < MARKERS_A_LINE; step++) {
      const part = (step + (index + 0.5) / count) / MARKERS_A_LINE;
      mark(Math.min(x.length - 1, positionOf(x, plot.x.min + (plot.x.max - plot.x.min) * part)));
    }
}

function markAt(context: CanvasRenderingContext2D, marker: number, x: number, y: number, size: number): void {
  const kind = MARKERS[marker % MARKERS.length]!;
  context.beginPath();
  if (kind === 'circle') context.arc(x, y, size, 0, 2 * Math.PI);
  else if (kind === 'square') context.rect(x - size, y - size, 2 * size, 2 * size);
  else for (const [move, dx, dy] of OUTLINES[kind]) context[move](x + dx * size, y + dy * size);
  if (kind === 'cross' || kind === 'plus') context.stroke();
  else context.fill();
}

type Outline = readonly (readonly ['moveTo' | 'lineTo', number, number])[];

/** Outlines of markers around their middle, in half widths. */
export const OUTLINES: Readonly<Record<'triangle' | 'diamond' | 'cross' | 'plus', Outline>> = {
  triangle: [
    ['moveTo', 0, -1.2],
    ['lineTo', 1.15, 0.9],
    ['lineTo', -1.15, 0.9],
  ],
  diamond: [
    ['moveTo', 0, -1.35],
    ['lineTo', 1.35, 0],
    ['lineTo', 0, 1.35],
    ['lineTo', -1.35, 0],
  ],
  cross: [
    ['moveTo', -1, -1],
    ['lineTo', 1, 1],
    ['moveTo', 1, -1],
    ['lineTo', -1, 1],
  ],
  plus: [
    ['moveTo', 0, -1.3],
    ['lineTo', 0, 1.3],
    ['moveTo', -1.3, 0],
    ['lineTo', 1.3, 0],
  ],
};

/** Marks where values are no numbers: a mark at the upper edge for +∞, at the lower one for −∞ and NaN. */
function drawGaps(plot: Plot, { gaps = [], style }: ChartSeries): void {
  const { context, ratio } = plot;
  context.fillStyle = plot.colors.series[style.color]!;
  context.font = `${10 * ratio}px system-ui, sans-serif`;
  context.textAlign = 'center';
  for (const { x, value } of gaps) {
    if (x < plot.x.min || x > plot.x.max) continue;
    const left = xPosition(plot, x);
    const isUp = value === 'Infinity';
    const edge = isUp ? plot.top : plot.top + plot.height;
    const inward = isUp ? ratio : -ratio;
    context.beginPath();
    context.moveTo(left, edge);
    context.lineTo(left - 5 * ratio, edge + 9 * inward);
    context.lineTo(left + 5 * ratio, edge + 9 * inward);
    context.fill();
    context.fillText(value === 'NaN' ? 'NaN' : '∞', left, edge + (isUp ? 20 : -12) * ratio);
  }
}

const LABEL_IN_PIXELS = 14;

/** Lines of baselines and bounds. Labels of lines that lie close are pushed apart; those of lines outside have an arrow. */
function drawLines(plot: Plot, lines: readonly ChartLine[]): void {
  const { context, ratio, colors } = plot;
  const [top, bottom, right] = [plot.top, plot.top + plot.height, plot.left + plot.width];
  const step = LABEL_IN_PIXELS * ratio;
  context.font = `${11 * ratio}px system-ui, sans-serif`;
  context.textAlign = 'right';
  const places = lines
    .filter(({ value }) => !plot.isLog || value > 0)
    .map(({ label, value }) => ({ label, at: yPosition(plot, value) }))
    .sort((a, b) => a.at - b.at);
  let free = top + step - 3 * ratio;
  places.forEach(({ label, at }, index) => {
    const isInside = at >= top && at <= bottom;
    if (isInside) {
      context.strokeStyle = colors.muted;
      context.lineWidth = ratio;
      context.setLineDash([3 * ratio, 3 * ratio]);
      context.beginPath();
      context.moveTo(plot.left, at);
      context.lineTo(right, at);
      context.stroke();
      context.setLineDash([]);
    }
    const lowest = bottom - 5 * ratio - (places.length - 1 - index) * step;
    const y = Math.min(lowest, Math.max(free, at - 4 * ratio));
    free = y + step;
    const text = isInside ? label : `${at < top ? '↑' : '↓'} ${label}`;
    context.strokeStyle = colors.background;
    context.lineWidth = 3 * ratio;
    context.strokeText(text, right - 6 * ratio, y);
    context.fillStyle = colors.muted;
    context.fillText(text, right - 6 * ratio, y);
  });
}
