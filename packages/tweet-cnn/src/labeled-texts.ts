import { ArrayBatches, type RandomStream } from '@motley/core';
import type { BatchSource } from '@motley/run';
import type * as tf from '@tensorflow/tfjs-core';
import { type Labels, PADDING } from './vocabulary.ts';

/** Texts with their classes. */
export interface LabeledTexts {
  /** [N, T], padded at the end */
  readonly symbols: Int32Array;
  /** [N], places in `classNames`. */
  readonly labels: Int32Array;
}

/** Texts and classes of a batch: `symbols` int32 [B, T], `labels` int32 [B]. */
type TextBatch = Readonly<Record<'symbols' | 'labels', tf.Tensor>>;

/** Which party each class belongs to. */
export interface Parties {
  readonly names: readonly string[];
  /** [C], places in `names`. */
  readonly ofClass: readonly number[];
}

/** Parts of a data set, with its words and classes. */
export interface TextData {
  readonly labels: Labels;
  /** Undefined where the classes are no parts of parties. */
  readonly parties: Parties | undefined;
  /** T, words of a padded text. */
  readonly length: number;
  readonly training: LabeledTexts;
  /** Training texts of an epoch after the first, where each epoch has new ones. */
  readonly trainingOf: ((epoch: number) => LabeledTexts) | undefined;
  readonly validation: LabeledTexts;
  readonly test: LabeledTexts;
  /** Probabilities of the classes of a text without padding, [C], where it is known how texts come about. */
  readonly optimum: ((symbols: Int32Array) => Float64Array) | undefined;
  /** Initial word vectors [V, D], where they are given. */
  readonly vectors: Float32Array | undefined;
}

/**
 * Batches of the training: the same texts each epoch, in a new order, or new texts.
 * @param random shuffles the texts
 */
export function trainingBatches(
  { labels, training, trainingOf }: TextData,
  batchSize: number,
  random: RandomStream,
): BatchSource<TextBatch> {
  const classes = labels.classNames.length;
  const source = textBatches(training, classes, batchSize, random);
  if (trainingOf === undefined) return source;
  return {
    batchesPerEpoch: source.batchesPerEpoch,
    batches: (epoch, firstBatch) =>
      textBatches(epoch === 0 ? training : trainingOf(epoch), classes, batchSize, random.fork(epoch)).batches(
        epoch,
        firstBatch,
      ),
  };
}

export const countOf = ({ labels }: LabeledTexts): number => labels.length;

/** Text at a place, without padding. */
export function textAt({ symbols, labels }: LabeledTexts, place: number): Int32Array {
  const length = symbols.length / labels.length;
  const text = symbols.subarray(place * length, (place + 1) * length);
  const end = text.indexOf(PADDING);
  return end < 0 ? text : text.subarray(0, end);
}

/** Pads texts, or cuts them, to a common length. */
export function padded(texts: readonly Int32Array[], length: number): Int32Array {
  const symbols = new Int32Array(texts.length * length);
  for (const [row, text] of texts.entries()) symbols.set(text.subarray(0, length), row * length);
  return symbols;
}

/**
 * Batches of texts: `symbols` int32 [B, T] and `labels` int32 [B].
 * @param random shuffles each epoch anew; without it texts keep their order
 */
export function textBatches(
  { symbols, labels }: LabeledTexts,
  classes: number,
  batchSize: number,
  random?: RandomStream,
): BatchSource<TextBatch> {
  // A training has whole batches, so that its compiled step has one shape.
  const dropLast = random !== undefined && labels.length >= batchSize;
  return new ArrayBatches(
    {
      symbols: { values: symbols, shape: [symbols.length / labels.length] },
      labels: { values: labels, shape: [], below: classes },
    },
    { batchSize, dropLast, ...(random && { random }) },
  );
}
