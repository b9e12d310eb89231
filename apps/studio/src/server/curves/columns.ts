import { GrowingFloats } from './growing.ts';

/** Curves that a run may have. More names are a fault of the file. */
const MAX_CURVES = 5000;

/** Quantity that curves are drawn over. */
export type Axis = 'step' | 'epoch' | 'time';

/** One curve: its values, and the line of each. */
export interface CurveColumn {
  readonly name: string;
  readonly split: string;
  readonly metric: string;
  readonly lines: GrowingFloats;
  readonly values: GrowingFloats;
}

/** One line of a metrics log. */
export interface MetricLine {
  readonly step: number;
  /** Epochs begun; NaN where unknown. */
  readonly epoch: number;
  readonly split: string;
  /** Seconds; NaN where unknown. */
  readonly time: number;
  readonly metrics: readonly (readonly [name: string, value: number])[];
}

/** Metrics of a run as columns of numbers: for each line its step, epoch and time, for each curve its values. */
export class MetricColumns {
  readonly steps: GrowingFloats;
  readonly epochs: GrowingFloats;
  readonly times: GrowingFloats;
  readonly curves: Map<string, CurveColumn>;

  constructor(
    parts: {
      readonly steps?: Float64Array;
      readonly epochs?: Float64Array;
      readonly times?: Float64Array;
      readonly curves?: readonly CurveColumn[];
    } = {},
  ) {
    this.steps = new GrowingFloats(parts.steps);
    this.epochs = new GrowingFloats(parts.epochs);
    this.times = new GrowingFloats(parts.times);
    this.curves = new Map((parts.curves ?? []).map((curve) => [curve.name, curve]));
  }

  get bytes(): number {
    let sum = this.steps.bytes + this.epochs.bytes + this.times.bytes;
    for (const { lines, values } of this.curves.values()) sum += lines.bytes + values.bytes;
    return sum;
  }

  add({ step, epoch, split, time, metrics }: MetricLine): void {
    const line = this.#addLine(step, epoch, time);
    for (const [metric, value] of metrics) {
      const curve = this.#curve(split === '' ? metric : `${split}/${metric}`, split, metric);
      curve?.lines.push(line);
      curve?.values.push(value);
    }
  }

  /** Adds a line of one value, by the name of its curve. */
  addValue(name: string, value: number, step: number, epoch: number, time: number): void {
    const line = this.#addLine(step, epoch, time);
    let curve = this.curves.get(name);
    if (curve === undefined) {
      const slash = name.indexOf('/');
      curve = this.#curve(name, slash < 0 ? '' : name.slice(0, slash), name.slice(slash + 1));
    }
    curve?.lines.push(line);
    curve?.values.push(value);
  }

  #addLine(step: number, epoch: number, time: number): number {
    this.steps.push(step);
    this.epochs.push(epoch);
    this.times.push(time);
    return this.steps.length - 1;
  }

  /** Undefined where there are too many. */
  #curve(name: string, split: string, metric: string): CurveColumn | undefined {
    const known = this.curves.get(name);
    if (known !== undefined || this.curves.size >= MAX_CURVES) return known;
    const curve = { name, split, metric, lines: new GrowingFloats(), values: new GrowingFloats() };
    this.curves.set(name, curve);
    return curve;
  }

  /** Positions of a curve's values on an axis. */
  positions({ lines }: CurveColumn, axis: Axis): Float64Array {
    const of = this.#axis(axis);
    const at = lines.view;
    const positions = new Float64Array(at.length);
    // `Float64Array.from` takes a hundred times as long for a million points.
    for (let index = 0; index < at.length; index++) positions[index] = of[at[index]!]!;
    return positions;
  }

  /** Axis by line. Where a file has no epochs or times, its steps. */
  #axis(axis: Axis): Float64Array {
    const steps = this.steps.view;
    if (axis === 'step') return steps;
    const own = axis === 'time' ? this.times.view : fractionalEpochs(steps, this.epochs.view);
    return own.some(Number.isNaN) ? steps : own;
  }
}

/**
 * Epochs with their fractions: a log has the epochs begun, so that all steps of an epoch would lie on one place. The
 * last step of an epoch is its end; the running epoch counts as long as the one before.
 */
export function fractionalEpochs(steps: Float64Array, epochs: Float64Array): Float64Array {
  const ends = new Map<number, number>();
  let last = -Infinity;
  for (let line = 0; line < steps.length; line++) {
    const epoch = epochs[line]!;
    ends.set(epoch, Math.max(ends.get(epoch) ?? 0, steps[line]!));
    last = Math.max(last, epoch);
  }
  const startOf = (epoch: number): number => ends.get(epoch - 1) ?? 0;
  const lengthOf = (epoch: number): number => ends.get(epoch)! - startOf(epoch);
  if (ends.has(last) && ends.has(last - 1))
    ends.set(last, startOf(last) + Math.max(lengthOf(last), lengthOf(last - 1)));
  const places = new Float64Array(epochs.length);
  for (let line = 0; line < epochs.length; line++) {
    const epoch = epochs[line]!;
    const length = ends.has(epoch) ? lengthOf(epoch) : 0;
    places[line] = length > 0 ? epoch - 1 + (steps[line]! - startOf(epoch)) / length : epoch;
  }
  return places;
}
