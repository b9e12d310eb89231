import { specAugment, type Frames } from '@motley/core/audio';
import type { RandomNumbers } from '@motley/run';
import type { AugmentationSettings } from './config.ts';

/** Largest part of an utterance in one mask of frames. */
const MAX_SHARE = 0.2;

/** Frames with random bands and stretches of time masked. */
export function augmentedFrames(frames: Frames, settings: AugmentationSettings, random: RandomNumbers): Frames {
  const { bandMasks, maxBands, frameMasks, maxFrames } = settings;
  return specAugment(frames, random, { bandMasks, maxBands, frameMasks, maxFrames, maxShare: MAX_SHARE });
}
