import type { RandomNumbers } from '@motley/run';
import { numberBetween } from '../data/augmentations/image-array.ts';
import { RealFft, powerOfTwoFrom } from './fft.ts';
import { checkRate, checkSamples } from './frames.ts';
import { activeSpeechPower, powerOf, scaled } from './levels.ts';

export type NoiseColor = 'white' | 'pink' | 'brown';

/** Exponents of 1 / frequency in the power spectrum. */
const EXPONENTS: Readonly<Record<NoiseColor, number>> = { white: 0, pink: 1, brown: 2 };
const LOWEST_IN_HZ = 20;

/**
 * Noise of power 1: white has the same power at all frequencies, pink 1 / f, brown 1 / f² from 20 Hz upwards.
 * @throws RangeError where the length is not a positive integer
 */
export function coloredNoise(
  color: NoiseColor,
  length: number,
  sampleRateInHz: number,
  random: RandomNumbers,
): Float32Array {
  checkLength('coloredNoise', length);
  checkRate('coloredNoise', sampleRateInHz);
  if (color === 'white') return atPowerOne(random.normalValues(length));
  const fft = RealFft.ofLength(powerOfTwoFrom(Math.max(length, 64)));
  const { spectrum } = fft;
  const parts = random.uniformValues(spectrum.length, -1, 1);
  const first = Math.min(Math.max(1, Math.ceil((LOWEST_IN_HZ * fft.length) / sampleRateInHz)), fft.bins - 2);
  spectrum.fill(0, 0, 2 * first);
  // The last bin, half of the sample rate, is real. It stays 0.
  spectrum.fill(0, spectrum.length - 2);
  for (let bin = first; bin < fft.bins - 1; bin++) {
    const amplitude = bin ** (-EXPONENTS[color] / 2);
    spectrum[2 * bin] = amplitude * parts[2 * bin]!;
    spectrum[2 * bin + 1] = amplitude * parts[2 * bin + 1]!;
  }
  const signal = new Float32Array(fft.length);
  fft.inverse(signal);
  return atPowerOne(signal.subarray(0, length));
}

export interface HumOptions {
  /** Frequency of the power grid, which the result meets within 0.1 Hz. Default 50. */
  readonly mainsInHz?: number;
  /** Number of its multiples, the n-th with an amplitude of 0 to 1 / n. Default 12. */
  readonly harmonics?: number;
}

const CYCLE = 2048;

/**
 * Hum of the power grid and of what it drives, of power 1: a tone and its multiples with random amplitudes and phases.
 * @throws RangeError where the length is not a positive integer, or frequencies are not below half of the sample rate
 */
export function hum(
  length: number,
  sampleRateInHz: number,
  random: RandomNumbers,
  { mainsInHz = 50, harmonics = 12 }: HumOptions = {},
): Float32Array {
  checkLength('hum', length);
  checkRate('hum', sampleRateInHz);
  if (!(
    Number.isSafeInteger(harmonics) &&
    harmonics >= 1 &&
    mainsInHz > 1 &&
    mainsInHz * harmonics < sampleRateInHz / 2
  ))
    throw new RangeError(
      `hum: expected mains and multiples below ${sampleRateInHz / 2} Hz, half of the sample rate, got ${harmonics} of ${mainsInHz} Hz`,
    );
  const cycle = new Float64Array(CYCLE + 1);
  for (let harmonic = 1; harmonic <= harmonics; harmonic++) {
    // The mains themselves are always there.
    const amplitude = harmonic === 1 ? 1 : numberBetween(random, 0, 1 / harmonic);
    const phase = numberBetween(random, 0, 2 * Math.PI);
    for (let index = 0; index <= CYCLE; index++)
      cycle[index]! += amplitude * Math.sin((2 * Math.PI * harmonic * index) / CYCLE + phase);
  }
  const step = ((mainsInHz + numberBetween(random, -0.1, 0.1)) * CYCLE) / sampleRateInHz;
  const output = new Float32Array(length);
  for (let index = 0, place = 0; index < length; index++) {
    const before = Math.floor(place);
    output[index] = cycle[before]! + (place - before) * (cycle[before + 1]! - cycle[before]!);
    place += step;
    if (place >= CYCLE) place -= CYCLE;
  }
  return atPowerOne(output);
}

/**
 * Many people at once, of power 1: voices of equal power, each from a random place on, and again from its beginning.
 * @throws RangeError where there is no voice, or one is silent, or samples are not finite
 */
export function babble(voices: readonly Float32Array[], length: number, random: RandomNumbers): Float32Array {
  checkLength('babble', length);
  if (voices.length === 0) throw new RangeError('babble: expected voices, got none');
  const output = new Float32Array(length);
  for (const voice of voices) {
    checkSamples('babble', voice);
    const factor = 1 / Math.sqrt(audiblePower('babble', 'voices', powerOf(voice)));
    let place = random.integers(1, 0, voice.length)[0]!;
    for (let index = 0; index < length; index++) {
      output[index]! += factor * voice[place]!;
      if (++place === voice.length) place = 0;
    }
  }
  return atPowerOne(output);
}

export interface AddNoiseOptions {
  /**
   * Power of the sound to which the noise is set: 'active', the default, without the pauses (`activeSpeechPower`);
   * 'whole' of all samples.
   */
  readonly level?: 'active' | 'whole';
  /** Sample of the noise at which it begins. Default 0. */
  readonly start?: number;
}

/**
 * Adds noise at a signal-to-noise ratio: 10 log₁₀ of the sound's power by that of the added noise. A noise that is too
 * short begins again. Nothing is clipped: samples may go beyond 1.
 * @throws RangeError where samples are missing or not finite, or sound or noise are silent
 */
export function addNoise(
  samples: Float32Array,
  sampleRateInHz: number,
  noise: Float32Array,
  snrInDb: number,
  { level = 'active', start = 0 }: AddNoiseOptions = {},
): Float32Array {
  checkSamples('addNoise', samples);
  checkSamples('addNoise', noise);
  if (!Number.isFinite(snrInDb)) throw new RangeError(`addNoise: expected a finite ratio in dB, got ${snrInDb}`);
  if (!(Number.isSafeInteger(start) && start >= 0 && start < noise.length))
    throw new RangeError(`addNoise: expected a start from 0 to ${noise.length - 1}, got ${start}`);
  const power = level === 'active' ? activeSpeechPower(samples, sampleRateInHz) : powerOf(samples);
  const added = new Float32Array(samples.length);
  for (let end = 0, from = start; end < added.length; from = 0) {
    const part = noise.subarray(from, from + added.length - end);
    added.set(part, end);
    end += part.length;
  }
  const wanted = audiblePower('addNoise', 'a sound', power) / 10 ** (snrInDb / 10);
  const factor = Math.sqrt(wanted / audiblePower('addNoise', 'noise', powerOf(added)));
  for (let index = 0; index < added.length; index++) added[index] = samples[index]! + factor * added[index]!;
  return added;
}

function audiblePower(user: string, subject: string, power: number): number {
  if (power > 0) return power;
  throw new RangeError(`${user}: expected ${subject} that can be heard, got silence`);
}

function atPowerOne(samples: Float32Array): Float32Array {
  return scaled(samples, 1 / Math.sqrt(powerOf(samples)));
}

function checkLength(user: string, length: number): void {
  if (!(Number.isSafeInteger(length) && length >= 1))
    throw new RangeError(`${user}: expected a length of at least 1 sample, got ${length}`);
}
