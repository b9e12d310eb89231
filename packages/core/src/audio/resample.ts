/** Zero crossings of the filter on each side. More crossings give a steeper cutoff. */
const CROSSINGS = 32;
/** Start of the filter's roll-off, as a fraction of the lower rate's Nyquist frequency. */
const ROLL_OFF = 0.95;

/**
 * Resamples by a low-pass filter, a sinc with a Blackman window (J. O. Smith, Digital Audio Resampling). Frequencies
 * above half of the lower rate vanish. Those below 0.9 of that stay.
 * @returns `ceil(length · to / from)` samples
 * @throws RangeError if a rate is not a positive integer
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
    // Output `index` lies at input position `index · step / phaseCount`. Its fractional part is the phase.
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
