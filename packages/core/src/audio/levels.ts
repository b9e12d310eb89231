import { checkRate, checkSamples } from './frames.ts';

/** Mean of the squares, the power of a sound. */
export function powerOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum / samples.length;
}

/** Multiplies a sound by a factor. */
export function scaled(samples: Float32Array, factor: number): Float32Array {
  const output = new Float32Array(samples.length);
  for (let index = 0; index < samples.length; index++) output[index] = factor * samples[index]!;
  return output;
}

/**
 * Sound that is louder by some decibels. Nothing is clipped: samples may go beyond 1.
 * @throws RangeError where samples are missing or not finite, or the gain is not finite
 */
export function changeGain(samples: Float32Array, gainInDb: number): Float32Array {
  checkSamples('changeGain', samples);
  if (!Number.isFinite(gainInDb)) throw new RangeError(`changeGain: expected a finite gain in dB, got ${gainInDb}`);
  return scaled(samples, 10 ** (gainInDb / 20));
}

const TIME_CONSTANT_IN_S = 0.03;
const HANGOVER_IN_S = 0.2;
const MARGIN_IN_DB = 15.9;
/** Thresholds of the envelope: 2^-15, 2^-14, …, 2^-1. */
const THRESHOLDS = 15;

/**
 * Power of speech while somebody speaks: pauses above 0.2 s do not count (ITU-T Recommendation P.56, method B). The
 * threshold between speech and pause lies 15.9 dB below the result.
 * @param samples from -1 to 1
 * @throws RangeError where samples are missing or not finite
 */
export function activeSpeechPower(samples: Float32Array, sampleRateInHz: number): number {
  checkSamples('activeSpeechPower', samples);
  checkRate('activeSpeechPower', sampleRateInHz);
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  const activity = activeSamples(samples, sampleRateInHz);
  const wholePower = energy / samples.length;
  let [lastPower, lastMargin] = [wholePower, Infinity];
  for (let index = 0; index < THRESHOLDS && activity[index]! > 0; index++) {
    const power = energy / activity[index]!;
    const margin = 10 * Math.log10(power) - 20 * Math.log10(2 ** (index - THRESHOLDS));
    if (margin <= MARGIN_IN_DB) {
      if (lastMargin === Infinity) return power;
      const share = (lastMargin - MARGIN_IN_DB) / (lastMargin - margin);
      return lastPower ** (1 - share) * power ** share;
    }
    [lastPower, lastMargin] = [power, margin];
  }
  return wholePower;
}

/** Number of samples for each threshold at which the envelope is not below it, or was not 0.2 s before. */
function activeSamples(samples: Float32Array, sampleRateInHz: number): Float64Array {
  const keep = Math.exp(-1 / (TIME_CONSTANT_IN_S * sampleRateInHz));
  const hangover = Math.ceil(HANGOVER_IN_S * sampleRateInHz);
  const active = new Float64Array(THRESHOLDS);
  const changedAt = new Float64Array(THRESHOLDS).fill(-Infinity);
  const thresholds = Float64Array.from({ length: THRESHOLDS }, (_, index) => 2 ** (index - THRESHOLDS));
  let [smooth, envelope, level] = [0, 0, 0];
  for (let index = 0; index < samples.length; index++) {
    smooth = keep * smooth + (1 - keep) * Math.abs(samples[index]!);
    envelope = keep * envelope + (1 - keep) * smooth;
    while (level < THRESHOLDS && envelope >= thresholds[level]!) {
      active[level]! += Math.min(index - changedAt[level]!, changedAt[level]! < 0 ? 0 : hangover);
      changedAt[level++] = index;
    }
    while (level > 0 && envelope < thresholds[level - 1]!) {
      active[--level]! += index - changedAt[level]!;
      changedAt[level] = index;
    }
  }
  for (let index = 0; index < THRESHOLDS; index++) {
    const since = samples.length - changedAt[index]!;
    if (changedAt[index]! >= 0) active[index]! += index < level ? since : Math.min(since, hangover);
  }
  return active;
}
