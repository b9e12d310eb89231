import {
  composeSounds,
  randomEcho,
  randomNoise,
  randomSpeed,
  sometimes,
  specAugment,
  type Frames,
  type SoundAugmentation,
} from '@motley/core/audio';
import type { RandomNumbers } from '@motley/run';
import type { AugmentationSettings } from './config.ts';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';

/** Speeds are rounded to multiples of one part of this many, as core's `changeSpeed` does. */
const SPEED_STEPS = 500;

/** Factor of the slowest speech: an utterance gets 1 / factor as long. */
export function slowestSpeed({ speed }: Pick<AugmentationSettings, 'speed'>): number {
  return Math.round((1 - speed) * SPEED_STEPS) / SPEED_STEPS;
}

/** Random changes of the sound: speed and pitch, a room, noise, in the order in which they happen. */
export function soundAugmentation(settings: AugmentationSettings): SoundAugmentation {
  const { speed, echo, noise, minSnrInDb, maxSnrInDb } = settings;
  const change = composeSounds(
    ...(speed > 0 ? [randomSpeed([slowestSpeed(settings), 1, 1 + speed])] : []),
    ...(echo > 0 ? [sometimes(echo, randomEcho(SAMPLE_RATE_IN_HZ))] : []),
    ...(noise > 0
      ? [sometimes(noise, randomNoise({ sampleRateInHz: SAMPLE_RATE_IN_HZ, snrInDb: [minSnrInDb, maxSnrInDb] }))]
      : []),
  );
  // Noise has no ratio to silence.
  return (samples, random) => (samples.every((sample) => sample === 0) ? samples : change(samples, random));
}

/** Frames with random bands and stretches of time masked. */
export function maskedFrames(frames: Frames, settings: AugmentationSettings, random: RandomNumbers): Frames {
  const { bandMasks, maxBands, frameMasks, maxFrames } = settings;
  return specAugment(frames, random, { bandMasks, maxBands, frameMasks, maxFrames });
}
