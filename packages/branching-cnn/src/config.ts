import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';
import { DATA_CLASSES, DATA_KINDS } from './trees.ts';

const sizes = z.array(z.int().min(1)).min(1);

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      normalization: z
        .enum(['group', 'batch'])
        .default('group')
        .describe(
          'group normalisation with weight standardisation (Qiao et al., 2019): does not know how large a batch is; batch: batch normalisation and plain convolutions, to compare',
        ),
      trunkChannels: sizes
        .default([16, 32, 64])
        .describe(
          'channels of the blocks that every image runs through, each of which halves it: 28 × 28 become 3 × 3',
        ),
      branchChannels: sizes.default([64]).describe('channels of the blocks of each branch'),
      pooling: z
        .enum(['none', 'mean'])
        .default('none')
        .describe('digits are centred, so that router and branches may know where what is; mean: what lies anywhere'),
      channelsPerNorm: z
        .int()
        .min(1)
        .default(8)
        .describe('channels that are normalised together; the paper has 32 groups of wider layers'),
      tileSize: z
        .int()
        .min(1)
        .default(8)
        .describe(
          'images that go through a branch together where a compiled batch is split; more wastes more on the last tile of each branch',
        ),
    }),
    data: z.strictObject({
      kind: z
        .enum(DATA_KINDS)
        .default('mnist')
        .describe(
          'all 70,000 digits come with the package; shapes and doodles are drawn here; cifar10 and cifar100 need --data',
        ),
      groups: z
        .record(z.string(), z.array(z.string()))
        .nullable()
        .default(null)
        .describe(
          "the data set's own tree; an object of group → class names makes another, one group of all classes a plain network",
        ),
      validationExamples: z
        .int()
        .min(1)
        .default(5000)
        .describe('held out of the training images to choose the best checkpoint; the test images never are'),
      generatedExamples: z
        .int()
        .min(100)
        .default(25_000)
        .describe('shapes, doodles: pictures that are drawn to train with, those for validation included'),
      generatedTestExamples: z
        .int()
        .min(100)
        .default(5000)
        .describe('shapes, doodles: as many again, of a stream of their own'),
      imageSize: z.int().min(8).max(128).default(32).describe("shapes, doodles: pixels along a side, as CIFAR's"),
      shift: z
        .int()
        .min(0)
        .max(16)
        .default(2)
        .describe('pixels that a training picture may move in either direction, anew each time; 0 leaves it'),
      flip: z
        .boolean()
        .default(false)
        .describe('digits have one way round; true mirrors half of the training pictures (He et al., 2016)'),
      verify: z
        .boolean()
        .default(true)
        .describe('cifar: refuses files that are not the published ones; false takes a part of them'),
    }),
    loss: z.strictObject({
      routerWeight: z
        .number()
        .positive()
        .default(1)
        .describe('with 1 the loss is −log p(class), by the chain rule over the tree'),
    }),
    training: z.strictObject({
      ...trainingFields({
        epochs: { default: 4, reason: 'affordable one image at a time, and enough for 99 of 100 digits' },
        batchSize: { default: 1, reason: 'what this network is for; it decides for each image by itself' },
        learningRate: { default: 1e-3, reason: 'that of batch 64 divided by 64, as steps are made of fewer images' },
        optimizer: { default: 'sgd', reason: 'one slot and two operations per weight: a step of one image is short' },
        warmupSteps: { default: 500, reason: 'the first steps are steep' },
      }),
      stepsPerCall: z.int().min(1).default(100).describe('a step of one image is far shorter than its dispatch'),
      logEverySteps: z.int().min(1).default(500).describe('a hundred points an epoch of single images'),
    }),
  }),
  {
    presets: {
      mnist: { description: 'digits, one at a time', config: {} },
      'mnist-64': {
        description: 'the same network with batches of 64',
        config: {
          training: { batchSize: 64, learningRate: 0.06, warmupSteps: 50, stepsPerCall: 10, logEverySteps: 20 },
        },
      },
      plain: {
        description: 'the same blocks without branches, one digit at a time',
        config: { data: { groups: { all: [...DATA_CLASSES.mnist.classNames] } } },
      },
      shapes: {
        description: 'ten shapes in colour, drawn here, in batches of 16',
        config: {
          model: { branchChannels: [64, 64], pooling: 'mean' },
          data: { kind: 'shapes' },
          training: {
            epochs: 6,
            batchSize: 16,
            learningRate: 0.02,
            warmupSteps: 100,
            stepsPerCall: 10,
            logEverySteps: 100,
          },
        },
      },
      doodles: {
        description: 'eight doodles, drawn here, in batches of 16',
        config: {
          data: { kind: 'doodles', imageSize: 28 },
          training: {
            epochs: 2,
            batchSize: 16,
            learningRate: 0.02,
            warmupSteps: 100,
            stepsPerCall: 10,
            logEverySteps: 100,
          },
        },
      },
      cifar10: {
        description: 'CIFAR-10, animals and vehicles, from your copy (--data)',
        config: {
          model: { trunkChannels: [32, 64], branchChannels: [128, 128], pooling: 'mean', tileSize: 16 },
          data: { kind: 'cifar10', shift: 4, flip: true },
          training: {
            epochs: 12,
            batchSize: 64,
            learningRate: 0.06,
            weightDecay: 5e-4,
            warmupSteps: 200,
            stepsPerCall: 10,
            logEverySteps: 50,
          },
        },
      },
      cifar100: {
        description: 'CIFAR-100, its 20 superclasses, from your copy (--data)',
        config: {
          model: { trunkChannels: [32, 64, 128], branchChannels: [128], pooling: 'mean' },
          data: { kind: 'cifar100', shift: 4, flip: true },
          training: {
            epochs: 20,
            batchSize: 64,
            learningRate: 0.06,
            weightDecay: 5e-4,
            warmupSteps: 200,
            stepsPerCall: 10,
            logEverySteps: 50,
          },
        },
      },
    },
    fast: {
      model: { trunkChannels: [8, 16], branchChannels: [32] },
      data: { validationExamples: 500, generatedExamples: 2500, generatedTestExamples: 500 },
      training: { steps: 600, warmupSteps: 50, logEverySteps: 50, stepsPerCall: 10 },
    },
  },
);

export type BranchingConfig = ConfigOf<typeof config>;
