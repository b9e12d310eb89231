import { Adam, Module, type RandomStream, StepRandom } from '@motley/core';
import { modelSchema, PADDING, Transformer, transformerLoss } from '@motley/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';

const batchSize = 64;
const length = 16;
const vocabulary = 10_000;
const layers = 3;
const labelSmoothing = 0.1;

/** The network of packages/transformer at the size of its preset for Multi30k; what its noise hangs on is in the batch. */
class Translation extends Module {
  readonly network: Transformer;

  constructor(random: RandomStream) {
    super();
    const config = { width: 256, heads: 4, layers, feedForwardWidth: 1024, vocabulary, maxLength: 64, dropout: 0.1 };
    this.network = new Transformer(modelSchema.parse(config), random);
  }

  /** `source`, `input` and `target` int32 [B, T]; `seed` an int32 scalar. */
  loss({ source, input, target, seed }: Batch): tf.Tensor {
    const random = new StepRandom([1, 2], seed!);
    return transformerLoss(this.network.forward(source, input!, { random }), target!, labelSmoothing).loss;
  }
}

/** Sentences of half of the length or more, then padding. */
function sentences(random: RandomStream): tf.Tensor {
  const lengths = random.integers(batchSize, length / 2, length + 1);
  const symbols = random.integers(batchSize * length, 1, vocabulary);
  const padded = symbols.map((symbol, index) =>
    index % length < lengths[Math.floor(index / length)]! ? symbol : PADDING,
  );
  return tf.tensor(padded, [batchSize, length], 'int32');
}

export const translation: TrainingStep = {
  name: 'Translation',
  title: `packages/transformer ${layers}+${layers}, d=256, 4 heads, ${batchSize}×${length} symbols of which a quarter is padding, vocabulary ${vocabulary}, dropout, label smoothing, Adam`,
  batchSize,
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
