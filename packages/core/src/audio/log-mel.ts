import type { Frames } from './frames.ts';
import { applyMelFilters, melFilters, type MelFilters, type MelOptions } from './mel.ts';
import { eachPowerSpectrum, frameCount, framingOf, type Framing, type WindowOptions } from './spectra.ts';

export interface LogMelOptions extends WindowOptions, MelOptions {
  /** Smallest energy of which the logarithm is taken. Default 1e-10. */
  readonly floor?: number;
  /** Unit of the result: 'nepers' is the natural logarithm of the energy, the default; 'decibels' 10 log₁₀. */
  readonly unit?: 'nepers' | 'decibels';
  /** Energies this far below the largest of the whole sound are raised to that. Default: none are. librosa's is 80. */
  readonly rangeInDb?: number;
}

const NEPERS_PER_DECIBEL = Math.LN10 / 10;
const MAX_KEPT = 16;

interface Plan {
  readonly framing: Framing;
  readonly filters: MelFilters;
}
const kept = new Map<string, Plan>();

function planOf(sampleRateInHz: number, options: LogMelOptions): Plan {
  const key = JSON.stringify([sampleRateInHz, options]);
  let plan = kept.get(key);
  if (plan === undefined) {
    const framing = framingOf('logMel', sampleRateInHz, options);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(key, (plan = { framing, filters: melFilters(sampleRateInHz, framing.fftLength, options) }));
  }
  return plan;
}

/**
 * Logarithm of a sound's energy in bands of the mel scale [T, bands], by default 80 bands of a Hann window of 25 ms
 * every 10 ms. The energy of a band is Σ weight · |X[k]|². With the default padding the result depends on nothing
 * after a frame's window, so that a stream may be cut anywhere.
 * @param samples from -1 to 1
 * @throws RangeError where samples are missing, not finite or fewer than one window, or a band holds no frequency
 */
export function logMel(samples: Float32Array, sampleRateInHz: number, options: LogMelOptions = {}): Frames {
  const { framing, filters } = planOf(sampleRateInHz, options);
  const { floor = 1e-10, unit = 'nepers', rangeInDb = Infinity } = options;
  if (!(floor > 0)) throw new RangeError(`logMel: expected a floor above 0, got ${floor}`);
  if (!(rangeInDb > 0)) throw new RangeError(`logMel: expected a range above 0 dB, got ${rangeInDb}`);
  const count = frameCount(samples.length, framing);
  const values = new Float32Array(count * filters.bands);
  eachPowerSpectrum('logMel', samples, framing, (power, frame) => {
    applyMelFilters(filters, power, values, frame * filters.bands);
  });
  const scale = unit === 'decibels' ? 1 / NEPERS_PER_DECIBEL : 1;
  let top = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = scale * Math.log(Math.max(values[index]!, floor));
    values[index] = value;
    if (value > top) top = value;
  }
  if (rangeInDb < Infinity) {
    const bottom = top - rangeInDb * NEPERS_PER_DECIBEL * scale;
    for (let index = 0; index < values.length; index++) values[index] = Math.max(values[index]!, bottom);
  }
  return { values, count, width: filters.bands };
}
