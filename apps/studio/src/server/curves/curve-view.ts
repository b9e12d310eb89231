import type { CurveData } from '../../shared/api.ts';
import type { Axis, CurveColumn, MetricColumns } from './columns.ts';
import { Pyramid } from './pyramid.ts';
import { smoothed } from './smoothing.ts';

/** Part of a curve, as asked for. */
export interface CurveRequest {
  readonly axis: Axis;
  readonly from: number;
  readonly to: number;
  /** Width of the chart. A curve has at most four points for each pixel. */
  readonly pixels: number;
  /** Weight of the moving average. 0: none. */
  readonly smoothing: number;
  /** Whether the nearest points outside belong to it, so that lines reach the edges of a chart. */
  readonly hasEdges: boolean;
}

/** One curve over one axis, in the order of the axis. */
export class CurveView {
  readonly #name: string;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #pyramid: Pyramid;
  readonly #isInOrder: boolean;
  #smooth: { readonly weight: number; readonly values: Float64Array } | undefined;

  /** @param before view of the same curve when it was shorter */
  constructor(columns: MetricColumns, curve: CurveColumn, axis: Axis, before?: CurveView) {
    this.#name = curve.name;
    const x = columns.positions(curve, axis);
    const y = curve.values.view;
    this.#isInOrder = isAscending(x);
    if (this.#isInOrder) {
      [this.#x, this.#y] = [x, y];
    } else {
      const order = Uint32Array.from(x.keys()).sort((a, b) => x[a]! - x[b]! || a - b);
      this.#x = Float64Array.from(order, (index) => x[index]!);
      this.#y = Float64Array.from(order, (index) => y[index]!);
    }
    const isLonger = before !== undefined && before.#isInOrder && this.#isInOrder;
    this.#pyramid = new Pyramid(this.#y, isLonger ? before.#pyramid : undefined);
  }

  get length(): number {
    return this.#x.length;
  }

  get bytes(): number {
    return 8 * this.#x.length * (this.#isInOrder ? 1 : 2) + (this.#smooth === undefined ? 0 : 8 * this.#x.length);
  }

  /**
   * Points of a part of the curve: all of them, or for each pixel the first, smallest, largest and last one. No extreme
   * is ever left out. Where values are no numbers, one null stands for those of a pixel.
   */
  data({ from, to, pixels, smoothing, hasEdges }: Omit<CurveRequest, 'axis'>): CurveData {
    const [x, y] = [this.#x, this.#y];
    let start = lowerBound(x, from);
    let end = upperBound(x, to);
    const places: number[] = [];
    if (hasEdges && start > 0) places.push(start - 1);
    if (end - start <= 4 * pixels) for (let index = start; index < end; index++) places.push(index);
    else {
      const [low, high] = [x[start]!, x[end - 1]!];
      const last = end;
      for (let pixel = 1; pixel <= pixels; pixel++) {
        const stop = pixel === pixels ? last : lowerBound(x, low + ((high - low) * pixel) / pixels, start, last);
        if (stop > start) this.#addExtremes(places, start, stop);
        start = stop;
      }
      end = last;
    }
    if (hasEdges && end < x.length) places.push(end);
    const smooth = smoothing === 0 ? undefined : this.#smoothed(smoothing);
    return {
      name: this.#name,
      x: places.map((place) => x[place]!),
      y: places.map((place) => numberOrNull(y[place]!)),
      smooth: smooth === undefined ? null : places.map((place) => numberOrNull(smooth[place]!)),
      gaps: places.flatMap((place) => {
        const value = y[place]!;
        return Number.isFinite(value)
          ? []
          : [{ x: x[place]!, value: String(value) as 'NaN' | 'Infinity' | '-Infinity' }];
      }),
      total: x.length,
    };
  }

  #addExtremes(places: number[], start: number, stop: number): void {
    const { min, max, gap } = this.#pyramid.extremes(start, stop);
    let before = -1;
    for (const place of [start, min, max, gap, stop - 1].sort((a, b) => a - b)) {
      // The first and the last point may be no numbers; the gap stands for them.
      if (place === before || place < 0 || (place !== gap && !Number.isFinite(this.#y[place]!))) continue;
      places.push(place);
      before = place;
    }
  }

  #smoothed(weight: number): Float64Array {
    if (this.#smooth?.weight !== weight) this.#smooth = { weight, values: smoothed(this.#y, weight) };
    return this.#smooth.values;
  }
}

function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function isAscending(x: Float64Array): boolean {
  for (let index = 1; index < x.length; index++) if (x[index - 1]! > x[index]!) return false;
  return true;
}

/** First place with a number of at least `bound`. */
function lowerBound(x: Float64Array, bound: number, from = 0, to = x.length): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (x[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First place with a number above `bound`. */
function upperBound(x: Float64Array, bound: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (x[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
