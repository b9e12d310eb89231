import { checkSamples } from './frames.ts';
import { resample } from './resample.ts';

const STEPS = 500;
const CROSSINGS = 16;

/**
 * Sound that is `factor` times as fast and as high, as on a faster tape. Kaldi's recipes take 0.9, 1 and 1.1 (Ko et
 * al., Audio augmentation for speech recognition, 2015). Factors are rounded to multiples of 0.002.
 * @returns `ceil(length / factor)` samples
 * @throws RangeError where samples are missing or not finite, or the factor is not from 0.1 to 10
 */
export function changeSpeed(samples: Float32Array, factor: number): Float32Array {
  checkSamples('changeSpeed', samples);
  if (!(factor >= 0.1 && factor <= 10))
    throw new RangeError(`changeSpeed: expected a factor from 0.1 to 10, got ${factor}`);
  const steps = Math.round(factor * STEPS);
  return steps === STEPS ? samples.slice() : resample(samples, steps, STEPS, { crossings: CROSSINGS });
}
