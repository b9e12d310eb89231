import { defineConfig } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { ArrayBatches } from '../../../data/batches.ts';
import { Conv2d } from '../../../nn/convolution.ts';
import { Dropout } from '../../../nn/dropout.ts';
import { Linear } from '../../../nn/linear.ts';
import { softmaxCrossEntropy } from '../../../nn/losses.ts';
import { Module } from '../../../nn/module.ts';
import { BatchNorm2d } from '../../../nn/normalization/modules.ts';
import { RandomStream } from '../../../random/random-stream.ts';
import { meanTerms } from '../../../train/evaluation.ts';
import { fit } from '../../../train/fit.ts';
import { trainingFields } from '../../../train/training-fields.ts';
import { runCommandLine } from '../../commands/run-command-line.ts';

/**
 * A small network with all kinds of state that a resume could lose: noise, running statistics, averages, a stateful
 * schedule.
 */
class Network extends Module {
  readonly features: Conv2d;
  readonly norm: BatchNorm2d;
  readonly dropout: Dropout;
  readonly hidden: Linear;
  readonly output: Linear;

  constructor(random: RandomStream) {
    super();
    this.features = new Conv2d(1, 4, { kernelSize: 3, padding: 1, random: random.fork('features') });
    this.norm = new BatchNorm2d(4);
    this.dropout = new Dropout(0.2);
    this.hidden = new Linear(256, 1024, { random: random.fork('hidden') });
    this.output = new Linear(1024, 10, { random: random.fork('output') });
  }

  /** [B, 8, 8, 1] → logits [B, 10] */
  forward(images: tf.Tensor, noise: Parameters<Dropout['forward']>[1]): tf.Tensor {
    const features = tf.relu(this.norm.forward(this.features.forward(images))); // [B, 8, 8, 4]
    const dropped = this.dropout.forward(tf.reshape(features, [-1, 256]), noise);
    return this.output.forward(tf.relu(this.hidden.forward(dropped)));
  }
}

/** Random images, brighter in the row of their label. */
function examples(count: number, batchSize: number, seed: number, isShuffled: boolean) {
  const random = RandomStream.fromSeed(seed);
  const labels = random.integers(count, 0, 10);
  const images = random.normalValues(count * 64);
  for (const [index, label] of labels.entries())
    for (let x = 0; x < 8; x++) images[index * 64 + (label % 8) * 8 + x]! += label < 8 ? 1 : -1;
  const fields = { images: { values: images, shape: [8, 8, 1] }, labels: { values: labels, shape: [] } };
  return new ArrayBatches(fields, { batchSize, ...(isShuffled && { random: random.fork('order') }) });
}

const config = defineConfig(
  z.strictObject({
    training: z.strictObject(
      trainingFields({
        epochs: { default: 3, reason: 'enough to be killed in' },
        batchSize: { default: 8, reason: 'fifteen batches an epoch' },
        learningRate: { default: 3e-3, reason: 'learns' },
        schedule: { default: 'plateau', reason: 'has a state' },
        maxGradientNorm: { default: 1, reason: 'one thing more' },
        emaDecay: { default: 0.9, reason: 'has a state' },
      }),
    ),
  }),
  {
    fast: {},
    presets: {
      'kill-and-resume': {
        description: 'everything that has a state, saved often',
        config: {
          training: {
            accumulationSteps: 2,
            plateauPatience: 0,
            validateEverySteps: 5,
            checkpointEverySteps: 3,
            logEverySteps: 4,
          },
        },
      },
    },
  },
);

process.exitCode = await runCommandLine({
  system: 'resumable',
  description: 'A training that is killed and resumed.',
  config,
  load: () => undefined,
  restore({ config: { training }, weights }) {
    const model = new Network(RandomStream.fromSeed(training.seed));
    model.loadStateDict(weights);
    return model;
  },
  train: {
    async run({ config: { training }, ...context }) {
      const model = new Network(RandomStream.fromSeed(training.seed));
      const held = examples(40, 20, 2, false);
      const measure = () =>
        meanTerms(held, ({ images, labels }) => ({
          loss: softmaxCrossEntropy(model.forward(images, RandomStream.fromSeed(0)), labels),
        }));
      const result = await fit({
        ...context,
        ...training,
        model,
        trainingBatches: examples(120, training.batchSize, 1, true),
        loss: ({ images, labels }, { random }) => ({
          loss: softmaxCrossEntropy(model.forward(images, random), labels),
        }),
        validate: measure,
        test: measure,
      });
      return { model, result };
    },
  },
  commands: {},
});
