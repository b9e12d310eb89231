import { Dataset, RandomStream, type DatasetBatches } from '@motley/core';
import type { Frames } from '@motley/core/audio';
import type { RandomNumbers } from '@motley/run';
import { Alphabet, END } from './alphabet.ts';
import { maskedFrames, slowestSpeed, soundAugmentation } from './augment.ts';
import type { AugmentationSettings, FeatureSettings } from './config.ts';
import { featureWidth } from './features.ts';
import { openPart, type SpeechPart } from './utterances.ts';

export type SpeechField = 'frames' | 'lengths' | 'transcripts' | 'places';

/** Letters that one frame has room for in a batch: with 10 ms, 20 letters in a second. */
const LETTERS_PER_FRAME = 0.2;

/** Options of a stream of utterances, for worker threads: plain data. */
export interface StreamOptions {
  readonly part: SpeechPart;
  readonly letters: string;
  readonly features: FeatureSettings;
  readonly batchSize: number;
  readonly buckets: number;
  /** In training: how to change the utterances, and the seed of changes and order. */
  readonly training?: { readonly augmentation: AugmentationSettings; readonly seed: number } | undefined;
}

interface Example {
  readonly frames: Float32Array; // [T, F]
  readonly lengths: number; // T
  readonly transcripts: Int32Array; // [L], the end included
  readonly places: number; // place in `indices`
}

/** Change of the sound of the utterance at a place, such as noise of a known level. */
export type SoundChange = (samples: Float32Array, place: number) => Float32Array;

/**
 * Batches of utterances of similar length: `frames` [B, T, F], `lengths` [B], `transcripts` [B, L], `places` [B].
 * @param change changes the sounds of a part that is not trained on
 */
export function speechBatches(options: StreamOptions, change?: SoundChange): DatasetBatches<SpeechField> {
  const { part, features, batchSize, training } = options;
  const utterances = openPart(part, features);
  const alphabet = new Alphabet(options.letters);
  const transcripts = Array.from({ length: utterances.count }, (_, place) =>
    Int32Array.from([...alphabet.ids(utterances.text(place), utterances.id(place)), END]),
  );
  const example = ({ values, count }: Frames, place: number): Example => {
    return { frames: values, lengths: count, transcripts: transcripts[place]!, places: place };
  };
  const plain = async (place: number): Promise<Example> =>
    example(await utterances.frames(place, change && ((samples) => change(samples, place))), place);
  const augmentedBy = (augmentation: AugmentationSettings) => {
    const augment = soundAugmentation(augmentation);
    return async (place: number, random: RandomNumbers): Promise<Example> => {
      const frames = await utterances.frames(place, (samples) => augment(samples, random.fork('sound')));
      return example(maskedFrames(frames, augmentation, random.fork('masks')), place);
    };
  };
  const stretch = training === undefined ? 1 : 1 / slowestSpeed(training.augmentation);
  const lengths = Float64Array.from(transcripts, ({ length }, place) =>
    Math.max(Math.ceil(utterances.frameCount(place) * stretch), length / LETTERS_PER_FRAME),
  );
  const random = RandomStream.fromSeed(training?.seed ?? 0);
  const places = Dataset.fromIndex(utterances.count, (place) => place);
  const examples =
    training === undefined
      ? places.map(plain)
      : places.map(augmentedBy(training.augmentation), random.fork('augmentation'));
  return examples.bucketByLength({
    lengths,
    boundaries: bucketBoundaries(lengths, options.buckets, training === undefined ? 1 : batchSize),
    batchSize,
    // A training has whole batches, so that its compiled step has few shapes.
    ...(training !== undefined && {
      random: random.fork('order'),
      dropLast: utterances.count >= batchSize * options.buckets,
    }),
    fields: {
      frames: { shape: [null, featureWidth(features)], dtype: 'float32' },
      lengths: { shape: [], dtype: 'int32' },
      transcripts: { shape: [null], dtype: 'int32', rowsPerLength: LETTERS_PER_FRAME, below: alphabet.size },
      places: { shape: [], dtype: 'int32' },
    },
  });
}

/** Boundaries are multiples of this many frames, so that similar data have the same shapes. */
const FRAMES_PER_BOUNDARY = 16;

/**
 * Ascending boundaries of at most `count` buckets, by which the fewest frames are padding. Each bucket has at least `least`
 * items, where there are enough.
 */
export function bucketBoundaries(lengths: ArrayLike<number>, count: number, least = 1): number[] {
  const rounded = Float64Array.from(
    lengths,
    (length) => Math.max(1, Math.ceil(length / FRAMES_PER_BOUNDARY)) * FRAMES_PER_BOUNDARY,
  ).sort();
  const candidates = [...new Set(rounded)];
  // Number of items up to each candidate: ends[0] = 0.
  const ends = [0, ...candidates.map((candidate) => rounded.lastIndexOf(candidate) + 1)];
  let best: readonly Division[] = ends.map((end) => (end === 0 ? { frames: 0, boundaries: [] } : NO_DIVISION));
  let result = NO_DIVISION;
  for (let buckets = 1; buckets <= count; buckets++) {
    const shorter = best;
    best = ends.map((end, place) => {
      let division = NO_DIVISION;
      for (let before = 0; before < place && end - ends[before]! >= least; before++) {
        const frames = shorter[before]!.frames + (end - ends[before]!) * candidates[place - 1]!;
        if (frames < division.frames)
          division = { frames, boundaries: [...shorter[before]!.boundaries, candidates[place - 1]!] };
      }
      return division;
    });
    if (best.at(-1)!.frames < result.frames) result = best.at(-1)!;
  }
  return result === NO_DIVISION ? [candidates.at(-1)!] : [...result.boundaries];
}

/** Boundaries of the first buckets, and the frames of their items with padding. */
interface Division {
  readonly frames: number;
  readonly boundaries: readonly number[];
}

const NO_DIVISION: Division = { frames: Infinity, boundaries: [] };
