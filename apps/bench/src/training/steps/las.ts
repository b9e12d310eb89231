import { Adam, Module, type RandomStream, StepRandom } from '@motley/core';
import { END, listeningLoss, ListenAttendSpell, PADDING, spellingLoss } from '@motley/las-speech';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { normalTensor } from './random-batch.ts';

const BATCH_SIZE = 32;
const FRAMES = 240;
const BANDS = 80;
const LENGTH = 36;
const ALPHABET_SIZE = 31;
const FIRST_LETTER = 3;
const LABEL_SMOOTHING = 0.1;
const CTC_WEIGHT = 0.5;
const TEACHER_FORCING = 0.9;

/** The network of packages/las-speech with two pyramidal layers, as in the paper; the seed of its noise is part of the batch. */
class Las extends Module {
  readonly network: ListenAttendSpell;

  constructor(random: RandomStream) {
    super();
    const config = {
      heads: 'both',
      listenerUnits: 128,
      pyramidLayers: 2,
      framesPerStep: 1,
      attention: 'location',
      attentionSize: 128,
      locationFilters: 10,
      locationRadius: 10,
      spellerUnits: 256,
      embeddingSize: 128,
      tiedEmbedding: false,
      dropout: 0.2,
      features: BANDS,
      alphabetSize: ALPHABET_SIZE,
    } as const;
    this.network = new ListenAttendSpell(config, random);
  }

  /** `frames` [B, T, 80], `lengths` int32 [B], `transcripts` int32 [B, L], `seed` an int32 scalar. */
  loss({ frames, lengths, transcripts, seed }: Batch): tf.Tensor {
    const random = new StepRandom([1, 2], seed!);
    const heard = this.network.listen(frames!, lengths!, random);
    const ctc = listeningLoss(this.network.ctc!.forward(heard.values), heard, transcripts!);
    const speller = this.network.speller!;
    const memory = speller.attention.remember(heard.values, heard.lengths);
    // Letters that the speller draws itself are noise, as dropout is.
    const teaching = this.training ? { random, teacherForcing: tf.scalar(TEACHER_FORCING) } : undefined;
    const { logits } = speller.forward(memory, transcripts!, teaching);
    const { loss: spelling } = spellingLoss(logits, transcripts!, LABEL_SMOOTHING);
    return tf.add(tf.mul(spelling, 1 - CTC_WEIGHT), tf.mul(ctc, CTC_WEIGHT));
  }
}

/** Transcripts of two thirds of the length or more, each with its end, then padding. */
function transcripts(random: RandomStream): tf.Tensor {
  const letterCounts = random.integers(BATCH_SIZE, (2 * LENGTH) / 3, LENGTH);
  const letters = random.integers(BATCH_SIZE * LENGTH, FIRST_LETTER, ALPHABET_SIZE);
  const padded = letters.map((letter, index) => {
    const place = index % LENGTH;
    const count = letterCounts[Math.floor(index / LENGTH)]!;
    if (place === count) return END;
    return place < count ? letter : PADDING;
  });
  return tf.tensor(padded, [BATCH_SIZE, LENGTH], 'int32');
}

export const las: TrainingStep = {
  name: 'LAS',
  title: `packages/las-speech with two pyramidal layers, ${BATCH_SIZE}×${FRAMES} frames of ${BANDS}, of which a sixth is padding, ${LENGTH} letters, CTC and attention, dropout, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  hasDropout: true,
  createModel: (random) => new Las(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    frames: normalTensor([BATCH_SIZE, FRAMES, BANDS], random),
    lengths: tf.tensor1d(random.integers(BATCH_SIZE, (2 * FRAMES) / 3, FRAMES + 1), 'int32'),
    transcripts: transcripts(random),
    seed: tf.scalar(random.integers(1, 0, 2 ** 31)[0]!, 'int32'),
  }),
};
