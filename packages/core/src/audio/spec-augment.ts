import type { RandomNumbers } from '@motley/run';
import { frequencyMask, timeMask } from '../data/augmentations/sequences.ts';
import { checkFrames, type Frames } from './frames.ts';

export interface SpecAugmentOptions {
  /** F: largest number of neighbouring bands in one mask. Default 27. */
  readonly maxBands?: number;
  /** m_F: number of masks of bands. Default 2. */
  readonly bandMasks?: number;
  /** T: largest number of neighbouring frames in one mask. Default 100. */
  readonly maxFrames?: number;
  /** m_T: number of masks of frames. Default 2. */
  readonly frameMasks?: number;
  /** p: largest part of the sound in one mask of frames. Default 1. */
  readonly maxShare?: number;
  /** Value of what is masked. Default: 0, the mean of frames from `normalizeFrames`. */
  readonly fill?: number;
}

/**
 * SpecAugment: fills random bands and random stretches of time (Park et al., 2019, arXiv 1904.08779). The default is
 * the paper's policy LibriSpeech double, for 80 bands every 10 ms. Short sentences need a smaller `maxShare`.
 * @throws RangeError where the share is not from 0 to 1, or a number is not an integer of at least 0
 */
export function specAugment(frames: Frames, random: RandomNumbers, options: SpecAugmentOptions = {}): Frames {
  checkFrames('specAugment', frames);
  const { maxBands = 27, bandMasks = 2, maxFrames = 100, frameMasks = 2, maxShare = 1, fill = 0 } = options;
  for (const size of [maxBands, bandMasks, maxFrames, frameMasks])
    if (!Number.isSafeInteger(size) || size < 0)
      throw new RangeError(`specAugment: expected integers of at least 0 for sizes and counts, got ${size}`);
  if (!(maxShare >= 0 && maxShare <= 1))
    throw new RangeError(`specAugment: expected a share from 0 to 1, got ${maxShare}`);
  const { count, width } = frames;
  const longest = Math.min(maxFrames, Math.floor(maxShare * count));
  const bandsFilled = frequencyMask(frames.values, width, random, { maxLength: maxBands, count: bandMasks, fill });
  const values = timeMask(bandsFilled, width, random, { maxLength: longest, count: frameMasks, fill });
  return { values, count, width };
}
