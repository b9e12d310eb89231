import { checkRate } from './frames.ts';

/** Start of the filter's roll-off, as a fraction of the lower rate's Nyquist frequency. */
const ROLL_OFF = 0.95;
const CROSSINGS = 32;

export interface ResamplingOptions {
  /** Zero crossings of the filter on each side. More give a steeper cutoff, and take longer. Default 32. */
  readonly crossings?: number;
}

/**
 * Resamples by a low-pass filter, a sinc with a Blackman window (J. O. Smith, Digital Audio Resampling). With the
 * default filter, frequencies above half of the lower rate vanish, and those below 0.9 of that stay.
 * @returns `ceil(length · to / from)` samples
 * @throws RangeError if a rate is not a positive integer
 */
export function resample(
  samples: Float32Array,
  fromInHz: number,
  toInHz: number,
  { crossings = CROSSINGS }: ResamplingOptions = {},
): Float32Array {
  for (const rate of [fromInHz, toInHz]) checkRate('resample', rate);
  if (!(Number.isSafeInteger(crossings) && crossings >= 1))
    throw new RangeError(`resample: expected an integer number of crossings of at least 1, got ${crossings}`);
  if (fromInHz === toInHz) return samples;
  const divisor = greatestCommonDivisor(fromInHz, toInHz);
  const [step, phaseCount] = [fromInHz / divisor, toInHz / divisor];
  const output = new Float32Array(Math.ceil((samples.length * phaseCount) / step));
  const filters = filtersOf(step, phaseCount, crossings);
  const frequency = cutoff(step, phaseCount);
  const radius = Math.ceil(crossings / frequency);
  const [whole, rest] = [Math.floor(step / phaseCount), step % phaseCount];
  // Output `index` lies at input position `center + phase / phaseCount`, which is `index · step / phaseCount`.
  let [center, phase] = [0, 0];
  for (let index = 0; index < output.length; index++) {
    let filter = filters.get(phase);
    if (filter === undefined) filters.set(phase, (filter = filterOf(phase / phaseCount, radius, frequency, crossings)));
    output[index] = weightedSum(samples, center - radius, filter);
    center += whole;
    phase += rest;
    if (phase >= phaseCount) {
      phase -= phaseCount;
      center++;
    }
  }
  return output;
}

/** Filters by phase, of the last call. Many calls in a row have the same rates. */
let kept: { readonly key: string; readonly filters: Map<number, Float32Array> } | undefined;
/** Phases whose filters are kept. Each has some 100 weights. */
const MOST_KEPT_PHASES = 1024;

/** Filters by phase, which are made when first needed. */
function filtersOf(step: number, phaseCount: number, crossings: number): Map<number, Float32Array> {
  const key = `${step} ${phaseCount} ${crossings}`;
  if (kept?.key === key) return kept.filters;
  const filters = new Map<number, Float32Array>();
  if (phaseCount <= MOST_KEPT_PHASES) kept = { key, filters };
  return filters;
}

/** Σ filter[tap] · samples[first + tap], where samples beyond the ends are 0. */
function weightedSum(samples: Float32Array, first: number, filter: Float32Array): number {
  const begin = Math.max(0, -first);
  const end = Math.min(filter.length, samples.length - first);
  // One sum would wait for each addition.
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let tap = begin;
  for (; tap + 4 <= end; tap += 4) {
    sum0 += filter[tap]! * samples[first + tap]!;
    sum1 += filter[tap + 1]! * samples[first + tap + 1]!;
    sum2 += filter[tap + 2]! * samples[first + tap + 2]!;
    sum3 += filter[tap + 3]! * samples[first + tap + 3]!;
  }
  for (; tap < end; tap++) sum0 += filter[tap]! * samples[first + tap]!;
  return sum0 + sum1 + sum2 + sum3;
}

/** Memory that `resample` takes for its result and its filters, in bytes. */
export function bytesToResample(length: number, fromInHz: number, toInHz: number): number {
  const divisor = greatestCommonDivisor(fromInHz, toInHz);
  const [step, phaseCount] = [fromInHz / divisor, toInHz / divisor];
  const outputLength = Math.ceil((length * phaseCount) / step);
  const taps = 2 * Math.ceil(CROSSINGS / cutoff(step, phaseCount)) + 2;
  const [result, filters] = [Float32Array.BYTES_PER_ELEMENT, Float64Array.BYTES_PER_ELEMENT];
  return result * outputLength + filters * taps * Math.min(phaseCount, outputLength);
}

/** Cutoff frequency in half-cycles per input sample. */
function cutoff(step: number, phaseCount: number): number {
  return ROLL_OFF * Math.min(1, phaseCount / step);
}

/** Filter weights for a position `fraction` after a sample. They sum to 1, so constants are preserved. */
function filterOf(fraction: number, radius: number, frequency: number, crossings: number): Float32Array {
  const weights = new Float64Array(2 * radius + 2);
  let sum = 0;
  for (let tap = 0; tap < weights.length; tap++) {
    const x = (tap - radius - fraction) * frequency;
    const weight = sinc(x) * blackman(x / crossings);
    weights[tap] = weight;
    sum += weight;
  }
  return Float32Array.from(weights, (weight) => weight / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Blackman window on [-1, 1]. */
function blackman(x: number): number {
  if (Math.abs(x) >= 1) return 0;
  const cosine = Math.cos(Math.PI * x);
  return 0.34 + 0.5 * cosine + 0.16 * cosine * cosine;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
