import type { RandomNumbers } from '@motley/run';
import { integerBetween, numberBetween } from '../data/augmentations/image-array.ts';
import { addEcho } from './echo.ts';
import { changeGain } from './levels.ts';
import { addNoise, type AddNoiseOptions, babble, coloredNoise, hum, type NoiseColor } from './noise.ts';
import { randomRoom, type RandomRoomOptions, roomResponse } from './room.ts';
import { changeSpeed } from './speed.ts';

/**
 * Random change of a sound: a pure function of samples and stream. `Dataset.map(augmentation, random)` takes it as it
 * is.
 */
export type SoundAugmentation = (samples: Float32Array, random: RandomNumbers) => Float32Array;

/** Applies augmentations one after the other. */
export function composeSounds(...augmentations: readonly SoundAugmentation[]): SoundAugmentation {
  return (samples, random) => augmentations.reduce((result, augmentation) => augmentation(result, random), samples);
}

/**
 * Applies an augmentation with a probability.
 * @throws RangeError where the probability is not from 0 to 1
 */
export function sometimes(probability: number, augmentation: SoundAugmentation): SoundAugmentation {
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`sometimes: expected a probability from 0 to 1, got ${probability}`);
  return (samples, random) => (numberBetween(random, 0, 1) < probability ? augmentation(samples, random) : samples);
}

/** Speed from a list, or between the slowest and the fastest. Default: 0.9, 1 or 1.1. */
export function randomSpeed(
  factors: readonly number[] | { readonly slowest: number; readonly fastest: number } = [0.9, 1, 1.1],
): SoundAugmentation {
  if ('slowest' in factors) {
    const [slowest, fastest] = range('randomSpeed', [factors.slowest, factors.fastest]);
    return (samples, random) => changeSpeed(samples, numberBetween(random, slowest, fastest));
  }
  if (factors.length === 0) throw new RangeError('randomSpeed: expected factors, got none');
  return (samples, random) => changeSpeed(samples, oneOf(factors, random));
}

/** Louder or softer by a number of decibels between two. Default -6 to 6. */
export function randomGain(gainInDb: readonly [number, number] = [-6, 6]): SoundAugmentation {
  const [low, high] = range('randomGain', gainInDb);
  return (samples, random) => changeGain(samples, numberBetween(random, low, high));
}

export interface RandomNoiseOptions extends Pick<AddNoiseOptions, 'level'> {
  readonly sampleRateInHz: number;
  /** Smallest and largest signal-to-noise ratio, between which all are equally likely. Default 5 to 25 dB. */
  readonly snrInDb?: readonly [number, number];
  /** Default: white, pink, brown, hum, and babble where there are voices. */
  readonly kinds?: readonly NoiseKind[];
  /** Voices for babble. */
  readonly voices?: readonly Float32Array[];
  /** Smallest and largest number of voices at a time. Default 3 to 6. */
  readonly voiceCount?: readonly [number, number];
}
export type NoiseKind = NoiseColor | 'hum' | 'babble';

/**
 * Noise of a random kind at a random ratio.
 * @throws RangeError where babble is asked for without voices, or a range is reversed
 */
export function randomNoise(options: RandomNoiseOptions): SoundAugmentation {
  const { sampleRateInHz, voices = [], level = 'active' } = options;
  const { kinds = ['white', 'pink', 'brown', 'hum', ...(voices.length > 0 ? (['babble'] as const) : [])] } = options;
  const [lowest, highest] = range('randomNoise', options.snrInDb ?? [5, 25]);
  const [fewest, most] = range('randomNoise', options.voiceCount ?? [3, 6]);
  if (kinds.length === 0) throw new RangeError('randomNoise: expected kinds of noise, got none');
  if (kinds.includes('babble') && voices.length === 0)
    throw new RangeError('randomNoise: expected voices for babble, got none');
  const draw = (kind: NoiseKind, length: number, random: RandomNumbers): Float32Array => {
    if (kind === 'hum') return hum(length, sampleRateInHz, random, { mainsInHz: oneOf([50, 60], random) });
    if (kind !== 'babble') return coloredNoise(kind, length, sampleRateInHz, random);
    const speaking = Array.from({ length: integerBetween(random, fewest, most) }, () => oneOf(voices, random));
    return babble(speaking, length, random);
  };
  return (samples, random) => {
    const noise = draw(oneOf(kinds, random), Math.max(samples.length, 1), random);
    return addNoise(samples, sampleRateInHz, noise, numberBetween(random, lowest, highest), { level });
  };
}

/** Echo of a room drawn by `randomRoom`. */
export function randomEcho(sampleRateInHz: number, options: RandomRoomOptions = {}): SoundAugmentation {
  return (samples, random) => addEcho(samples, roomResponse(randomRoom(random, options), sampleRateInHz, random));
}

function oneOf<Value>(values: readonly Value[], random: RandomNumbers): Value {
  return values[integerBetween(random, 0, values.length - 1)]!;
}

function range(user: string, [low, high]: readonly [number, number]): readonly [number, number] {
  if (low <= high) return [low, high];
  throw new RangeError(`${user}: expected a range from small to large, got ${low} to ${high}`);
}
