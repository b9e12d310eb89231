import type { RandomNumbers } from '@motley/run';
import { integerBetween } from '../data/augmentations/image-array.ts';
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
  /** p: largest part of the sound in one mask of frames. Default 0.2, so that short sentences keep words. */
  readonly maxShare?: number;
  /** W: largest number of frames by which a moment is shifted in time. Default 0: the paper found little use in it. */
  readonly maxWarp?: number;
  /** Value of what is masked. Default 0, the mean of frames from `normalizeFrames`; 'mean' is that of all values. */
  readonly fill?: number | 'mean';
}

/**
 * SpecAugment (Park et al., 2019, arXiv 1904.08779): shifts a random moment in time, then fills random bands and random
 * stretches of time. Sizes are by default those of the policy LibriSpeech double, for 80 bands every 10 ms, and the
 * share is that of the policies for Switchboard.
 * @throws RangeError where the share is not from 0 to 1, or a number is not an integer of at least 0
 */
export function specAugment(frames: Frames, random: RandomNumbers, options: SpecAugmentOptions = {}): Frames {
  checkFrames('specAugment', frames);
  const { maxBands = 27, bandMasks = 2, maxFrames = 100, frameMasks = 2, maxShare = 0.2, maxWarp = 0 } = options;
  for (const size of [maxBands, bandMasks, maxFrames, frameMasks, maxWarp])
    if (!Number.isSafeInteger(size) || size < 0)
      throw new RangeError(`specAugment: expected integers of at least 0 for sizes and counts, got ${size}`);
  if (!(maxShare >= 0 && maxShare <= 1))
    throw new RangeError(`specAugment: expected a share from 0 to 1, got ${maxShare}`);
  const { count, width } = frames;
  const fill = options.fill === 'mean' ? meanOf(frames.values) : (options.fill ?? 0);
  const { values } = maxWarp === 0 ? frames : randomlyWarped(frames, maxWarp, random);
  const ofBands = { maxLength: maxBands, count: bandMasks, fill };
  const ofFrames = { maxLength: Math.min(maxFrames, Math.floor(maxShare * count)), count: frameMasks, fill };
  return {
    values: timeMask(frequencyMask(values, width, random, ofBands), width, random, ofFrames),
    count,
    width,
  };
}

/** Moves a random moment, at least `maxWarp` frames from the ends, by up to `maxWarp` frames. */
function randomlyWarped(frames: Frames, maxWarp: number, random: RandomNumbers): Frames {
  const { count } = frames;
  const most = Math.min(maxWarp, (count - 1) >> 1);
  if (most < 1) return frames;
  const moment = integerBetween(random, most, count - 1 - most);
  return warpFrames(frames, moment, moment + integerBetween(random, 1 - most, most - 1));
}

/**
 * Moves a moment in time: stretches what is before it and squeezes what is after it, or the reverse. Frames between
 * two are interpolated linearly. The first and the last frame stay.
 * @param from frame that is moved, between the first and the last
 * @param to its new place, between the first and the last
 * @throws RangeError where a place is not between the first and the last frame
 */
export function warpFrames(frames: Frames, from: number, to: number): Frames {
  checkFrames('warpFrames', frames);
  const { values, count, width } = frames;
  const last = count - 1;
  if (!(from > 0 && from < last && to > 0 && to < last))
    throw new RangeError(`warpFrames: expected places between 0 and ${last}, got ${from} and ${to}`);
  const output = new Float32Array(values.length);
  for (let frame = 0; frame < count; frame++) {
    const place = frame <= to ? (frame * from) / to : last - ((last - frame) * (last - from)) / (last - to);
    const before = Math.min(Math.floor(place), last - 1);
    const share = place - before;
    const [source, target] = [before * width, frame * width];
    for (let feature = 0; feature < width; feature++) {
      const value = values[source + feature]!;
      output[target + feature] = value + share * (values[source + width + feature]! - value);
    }
  }
  return { values: output, count, width };
}

function meanOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
