import { wilsonInterval } from '@motley/run';

/** Rows whose predicted probabilities are close, and how many of them are positive. */
export interface ReliabilityBin {
  readonly rows: number;
  /** Mean predicted probability. */
  readonly predicted: number;
  /** Share of positive rows. */
  readonly observed: number;
  /** 95 % interval of the share (Wilson). */
  readonly interval: readonly [low: number, high: number];
}

/** Bins of a reliability diagram with as many rows each, from low to high probabilities. */
export function reliabilityBins(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  binCount = 10,
): ReliabilityBin[] {
  const order = Array.from({ length: labels.length }, (_, row) => row);
  order.sort((left, right) => probabilities[left]! - probabilities[right]!);
  const count = Math.min(binCount, order.length);
  return Array.from({ length: count }, (_, bin) => {
    const rows = order.slice(Math.floor((bin * order.length) / count), Math.floor(((bin + 1) * order.length) / count));
    const positives = rows.reduce((sum, row) => sum + labels[row]!, 0);
    return {
      rows: rows.length,
      predicted: rows.reduce((sum, row) => sum + probabilities[row]!, 0) / rows.length,
      observed: positives / rows.length,
      interval: wilsonInterval(positives, rows.length),
    };
  });
}

/** Mean distance of predicted and observed shares, weighted by rows (expected calibration error). */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  return bins.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.predicted - bin.observed), 0) / rows;
}

const TINY = 1e-12;

/** Probabilities after division of their log-odds by a temperature. */
export function withTemperature(probabilities: ArrayLike<number>, temperature: number): Float64Array {
  return Float64Array.from(probabilities, (probability) => {
    const kept = Math.min(Math.max(probability, TINY), 1 - TINY);
    return 1 / (1 + Math.exp(-Math.log(kept / (1 - kept)) / temperature));
  });
}

const [COLDEST, HOTTEST] = [0.05, 20];
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const SECTIONS = 60;

/**
 * Temperature with the lowest log loss (Guo et al., "On calibration of modern neural networks", 2017, section 4.2), by
 * golden-section search. Above 1: the probabilities were too sure.
 */
export function fitTemperature(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const lossAt = (logarithm: number): number => {
    const scaled = withTemperature(probabilities, Math.exp(logarithm));
    return scaled.reduce((sum, value, row) => sum - Math.log(labels[row] === 1 ? value : 1 - value), 0);
  };
  let [low, high] = [Math.log(COLDEST), Math.log(HOTTEST)];
  for (let section = 0; section < SECTIONS; section++) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (lossAt(left) < lossAt(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}

/** Out-of-fold probabilities, each fold scaled by the temperature of the other folds. */
export function crossFittedTemperature(
  probabilities: Float64Array,
  labels: Float64Array,
  folds: Uint8Array,
): Float64Array {
  const result = new Float64Array(probabilities.length);
  for (const fold of new Set(folds)) {
    const others = probabilities.filter((_, row) => folds[row] !== fold);
    const temperature = fitTemperature(
      others,
      labels.filter((_, row) => folds[row] !== fold),
    );
    const scaled = withTemperature(probabilities, temperature);
    for (let row = 0; row < result.length; row++) if (folds[row] === fold) result[row] = scaled[row]!;
  }
  return result;
}
