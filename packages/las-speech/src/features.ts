import { logMel, mfcc, normalizeFrames, withDeltas, type Frames } from '@motley/core/audio';
import type { FeatureSettings } from './config.ts';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';

/** Energies more than this below an utterance's largest are silence, digital or not. */
const RANGE_IN_DB = 80;

/** Number of features of a frame. */
export function featureWidth({ kind, bands, coefficients, deltas }: FeatureSettings): number {
  return (kind === 'log-mel' ? bands : coefficients) * (deltas ? 3 : 1);
}

/** Frames that the network reads [T, F], each feature with mean 0 and variance 1 over the utterance. */
export function framesOf(samples: Float32Array, settings: FeatureSettings): Frames {
  const { kind, bands, coefficients, deltas, windowInMs, hopInMs } = settings;
  const common = { bands, windowInMs, hopInMs, rangeInDb: RANGE_IN_DB };
  const frames =
    kind === 'log-mel'
      ? logMel(samples, SAMPLE_RATE_IN_HZ, common)
      : mfcc(samples, SAMPLE_RATE_IN_HZ, { ...common, coefficients });
  return normalizeFrames(deltas ? withDeltas(frames) : frames);
}
