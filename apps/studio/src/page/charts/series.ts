/** One line of a chart. */
export interface ChartSeries {
  readonly id: string;
  readonly label: string;
  readonly x: readonly number[];
  /** Values at `x`; null is a gap. */
  readonly y: readonly (number | null)[];
  readonly style: SeriesStyle;
  /** The curve before smoothing, drawn faintly behind. */
  readonly raw?: readonly (number | null)[];
  /** Lower and upper edge of a band around the line. */
  readonly band?: { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] };
  /** Values that are no numbers. */
  readonly gaps?: readonly { readonly x: number; readonly value: string }[];
}

/** Look of a series: one of eight colors, a pattern of dashes, and a marker, so that no color vision is needed. */
export interface SeriesStyle {
  readonly color: number;
  readonly dash: number;
  readonly marker: number;
  readonly width?: number;
}

/** A horizontal line for a baseline or a known bound. */
export interface ChartLine {
  readonly label: string;
  readonly value: number;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

const COLORS = 8;
export const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [9, 3, 2, 3], [14, 4]];
export const MARKERS = ['circle', 'square', 'triangle', 'diamond', 'cross', 'plus'] as const;

/** Styles of the splits: the same in every chart of every run. */
export function styleOfSplit(split: string): SeriesStyle {
  if (split === 'train') return { color: 0, dash: 0, marker: 0, width: 1.5 };
  if (split === 'validation') return { color: 1, dash: 1, marker: 1, width: 2 };
  if (split === 'test') return { color: 2, dash: 2, marker: 2, width: 2 };
  const slot = hashOf(split);
  return { color: 3 + (slot % (COLORS - 3)), dash: slot % DASHES.length, marker: slot % MARKERS.length };
}

/** Style of a slot; neighbors differ in color, dashes and marker. */
export function styleOfSlot(slot: number): SeriesStyle {
  return { color: slot % COLORS, dash: slot % DASHES.length, marker: slot % MARKERS.length, width: 1.75 };
}

/** Hash of a text (FNV-1a, 32 bits). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

const SLOTS = COLORS * DASHES.length;

/**
 * Slots of runs, which give them color, dashes and marker. A run keeps the slot it once had; a new one takes the slot of
 * its name, or the next one that no other run of the same view has.
 * @param kept slots of earlier views, which the new ones are added to
 */
export function assignSlots(ids: readonly string[], kept: Map<string, number>): number[] {
  const taken = new Set<number>();
  for (const id of ids) {
    const slot = kept.get(id);
    if (slot !== undefined) taken.add(slot);
  }
  return ids.map((id) => {
    let slot = kept.get(id);
    if (slot === undefined) {
      slot = hashOf(id) % SLOTS;
      // Neighbors in color are free before neighbors in dashes alone.
      for (let tries = 0; taken.has(slot) && tries < SLOTS; tries++) slot = (slot + 1) % SLOTS;
      kept.set(id, slot);
      taken.add(slot);
    }
    return slot;
  });
}

/** First position whose x is at least `value`, in ascending `x`. */
export function positionOf(x: readonly number[], value: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Position of the point that is nearest to `value`; -1 where there is none. */
export function nearestTo(x: readonly number[], value: number): number {
  if (x.length === 0) return -1;
  const at = positionOf(x, value);
  if (at === 0) return 0;
  if (at === x.length) return x.length - 1;
  return value - x[at - 1]! <= x[at]! - value ? at - 1 : at;
}

/** Smallest and largest x of some series; undefined where all are empty. */
export function rangeOfX(series: readonly ChartSeries[]): Range | undefined {
  let [min, max] = [Infinity, -Infinity];
  for (const { x } of series) {
    if (x.length === 0) continue;
    min = Math.min(min, x[0]!);
    max = Math.max(max, x[x.length - 1]!);
  }
  return min > max ? undefined : min === max ? { min: min - 0.5, max: max + 0.5 } : { min, max };
}

export interface YRangeOptions {
  readonly isLog: boolean;
  /** Leaves out the outermost 2 % of the values on each side. */
  readonly isTrimmed: boolean;
  readonly lines: readonly ChartLine[];
}

/** Range of the values that are seen, with some air; a baseline is in it where that does not flatten the curves. */
export function rangeOfY(series: readonly ChartSeries[], within: Range, options: YRangeOptions): Range {
  const values: number[] = [];
  const take = (value: number | null | undefined): void => {
    if (value !== null && value !== undefined && (!options.isLog || value > 0)) values.push(value);
  };
  for (const { x, y, raw, band } of series) {
    const to = Math.min(x.length, positionOf(x, within.max) + 1);
    for (let at = Math.max(0, positionOf(x, within.min) - 1); at < to; at++) {
      take(y[at]);
      if (raw !== undefined) take(raw[at]);
      if (band !== undefined) {
        take(band.low[at]);
        take(band.high[at]);
      }
    }
  }
  if (values.length === 0) return options.isLog ? { min: 0.1, max: 1 } : { min: 0, max: 1 };
  let [min, max] = options.isTrimmed ? trimmed(values) : extremes(values);
  const scale = (value: number): number => (options.isLog ? Math.log10(value) : value);
  const size = scale(max) - scale(min) || Math.abs(scale(max)) || 1;
  for (const { value } of options.lines) {
    if (options.isLog && value <= 0) continue;
    if (scale(value) < scale(min) && scale(min) - scale(value) < size) min = value;
    if (scale(value) > scale(max) && scale(value) - scale(max) < size) max = value;
  }
  if (options.isLog) {
    const air = Math.max(0.02, (Math.log10(max) - Math.log10(min)) * 0.05);
    return { min: min / 10 ** air, max: max * 10 ** air };
  }
  const air = (max - min || Math.abs(max) || 1) * 0.06;
  return { min: min - air, max: max + air };
}

function extremes(values: readonly number[]): [number, number] {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}

function trimmed(values: readonly number[]): [number, number] {
  const sorted = Float64Array.from(values).sort();
  const cut = Math.floor(sorted.length * 0.02);
  return [sorted[cut]!, sorted[sorted.length - 1 - cut]!];
}
