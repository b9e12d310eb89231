import { Adam, Module, type RandomStream, StepRandom } from '@motley/core';
import { modelSchema, PADDING, Transformer, transformerLoss } from '@motley/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';

const BATCH_SIZE = 64;
const LENGTH = 16;
const VOCABULARY = 10_000;
const LAYERS = 3;
const LABEL_SMOOTHING = 0.1;

/** The network of packages/transformer at the size of its preset for Multi30k; the seed of its noise is part of the batch. */
class Translation extends Module {
  readonly network: Transformer;

  constructor(random: RandomStream) {
    super();
    const config = {
      width: 256,
      heads: 4,
      layers: LAYERS,
      feedForwardWidth: 1024,
      vocabulary: VOCABULARY,
      maxLength: 64,
      dropout: 0.1,
    };
    this.network = new Transformer(modelSchema.parse(config), random);
  }

  /** `source`, `input` and `target` int32 [B, T]; `seed` an int32 scalar. */
  loss({ source, input, target, seed }: Batch): tf.Tensor {
    const random = new StepRandom([1, 2], seed!);
    return transformerLoss(this.network.forward(source, input!, { random }), target!, LABEL_SMOOTHING).loss;
  }
}

/** Sentences of half of the length or more, then padding. */
function sentences(random: RandomStream): tf.Tensor {
  const lengths = random.integers(BATCH_SIZE, LENGTH / 2, LENGTH + 1);
  const symbols = random.integers(BATCH_SIZE * LENGTH, 1, VOCABULARY);
  const padded = symbols.map((symbol, index) =>
    index % LENGTH < lengths[Math.floor(index / LENGTH)]! ? symbol : PADDING,
  );
  return tf.tensor(padded, [BATCH_SIZE, LENGTH], 'int32');
}

export const translation: TrainingStep = {
  name: 'Translation',
  title: `packages/transformer ${LAYERS}+${LAYERS}, d=256, 4 heads, ${BATCH_SIZE}×${LENGTH} symbols of which a quarter is padding, vocabulary ${VOCABULARY}, dropout, label smoothing, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  hasDropout: true,
  createModel: (random) => new Translation(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    source: sentences(random),
    input: sentences(random),
    target: sentences(random),
    seed: tf.scalar(random.integers(1, 0, 2 ** 31)[0]!, 'int32'),
  }),
};
