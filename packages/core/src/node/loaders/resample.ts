/** Zero crossings of the filter on each side: the more, the steeper its edge. */
const CROSSINGS = 32;
/** Where the filter begins to fall, as a part of the lower rate's highest frequency. */
const ROLL_OFF = 0.95;

/**
 * Samples at another rate, by a low-pass filter that is a sinc under a Blackman window (J. O. Smith, Digital Audio
 * Resampling): frequencies above half of the lower rate vanish, those below 0.9 of that stay.
 * @returns `ceil(length · to / from)` samples
 * @throws RangeError where a rate is no integer above 0
 */
export function resample(samples: Float32Array, fromInHz: number, toInHz: number): Float32Array {
  for (const rate of [fromInHz, toInHz])
    if (!Number.isInteger(rate) || rate < 1)
      throw new RangeError(`resample: expected an integer rate in Hz, got ${rate}`);
  if (fromInHz === toInHz) return samples;
  const divisor = greatestCommonDivisor(fromInHz, toInHz);
  const [step, phaseCount] = [fromInHz / divisor, toInHz / divisor];
  const output = new Float32Array(Math.ceil((samples.length * phaseCount) / step));
  const filters = new Map<number, Float64Array>();
  const radius = Math.ceil(CROSSINGS / cutoff(step, phaseCount));
  for (let index = 0; index < output.length; index++) {
    // Output `index` lies at input `index · step / phaseCount`: a whole sample and a part, its phase.
    const phase = (index * step) % phaseCount;
    const center = (index * step - phase) / phaseCount;
    let filter = filters.get(phase);
    if (filter === undefined)
      filters.set(phase, (filter = filterOf(phase / phaseCount, radius, cutoff(step, phaseCount))));
    const first = center - radius;
    let sum = 0;
    for (let tap = Math.max(0, -first); tap < Math.min(filter.length, samples.length - first); tap++)
      sum += filter[tap]! * samples[first + tap]!;
    output[index] = sum;
  }
  return output;
}

/** In half-cycles per input sample. */
function cutoff(step: number, phaseCount: number): number {
  return ROLL_OFF * Math.min(1, phaseCount / step);
}

/** Weights of the samples around a place `fraction` after a sample; they sum to 1, so that a constant stays. */
function filterOf(fraction: number, radius: number, frequency: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 2 }, (_, tap) => {
    const x = (tap - radius - fraction) * frequency;
    return sinc(x) * blackman(x / CROSSINGS);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Blackman window on [-1, 1]. */
function blackman(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
