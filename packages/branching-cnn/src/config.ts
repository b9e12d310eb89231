import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';
import { DATA_CLASSES, DATA_KINDS } from './trees.ts';

const sizes = z.array(z.int().min(1)).min(1);

/** Settings of a run, each with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      normalization: z
        .enum(['group', 'batch'])
        .default('group')
        .describe(
          'group: group normalization with weight standardization (Qiao et al., 2019), which does not depend on the batch; batch: batch normalization with plain convolutions, for comparison',
        ),
      trunkChannels: sizes
        .default([16, 32, 64])
        .describe('channels of the trunk blocks; each block halves the image, so that 28 × 28 becomes 3 × 3'),
      branchChannels: sizes.default([64]).describe('channels of the blocks of each branch'),
      pooling: z
        .enum(['none', 'mean'])
        .default('none')
        .describe(
          'none keeps positions, as digits are centered; mean averages over positions, for objects that may lie anywhere',
        ),
      channelsPerNorm: z
        .int()
        .min(1)
        .default(8)
        .describe('channels normalized together; the paper has 32 groups per layer, but its layers are wider'),
      tileSize: z
        .int()
        .min(1)
        .default(8)
        .describe(
          'images per tile when a compiled batch is split among the branches; larger tiles waste more on the last tile of each branch',
        ),
    }),
    data: z.strictObject({
      kind: z
        .enum(DATA_KINDS)
        .default('mnist')
        .describe('mnist comes with the package; shapes and doodles are generated; cifar10 and cifar100 need --data'),
      groups: z
        .record(z.string(), z.array(z.string()))
        .nullable()
        .default(null)
        .describe(
          "null: the data set's own groups; or an object that maps each group to its class names. One group of all classes makes a plain network",
        ),
      validationExamples: z
        .int()
        .min(1)
        .default(5000)
        .describe('training images held out to choose the best checkpoint; the test images influence no choice'),
      generatedExamples: z
        .int()
        .min(100)
        .default(25_000)
        .describe('shapes, doodles: training images to generate, validation images included'),
      generatedTestExamples: z
        .int()
        .min(100)
        .default(5000)
        .describe('shapes, doodles: test images to generate, from a random stream of their own'),
      imageSize: z
        .int()
        .min(8)
        .max(128)
        .default(32)
        .describe("shapes, doodles: pixels along each side; the default is CIFAR's"),
      shift: z
        .int()
        .min(0)
        .max(16)
        .default(2)
        .describe('largest random shift of a training image in pixels, along either axis; 0 for none'),
      flip: z
        .boolean()
        .default(false)
        .describe('mirrors half of the training images (He et al., 2016); false, as a mirrored digit is no digit'),
      verify: z
        .boolean()
        .default(true)
        .describe('cifar: checks each file against its published SHA-1; false accepts a part of the files'),
    }),
    loss: z.strictObject({
      routerWeight: z
        .number()
        .positive()
        .default(1)
        .describe("weight of the router's cross-entropy; with 1 the loss is −log p(class), by the chain rule"),
    }),
    training: z.strictObject({
      ...trainingFields({
        epochs: { default: 4, reason: 'enough for 99 % on MNIST, and affordable one image at a time' },
        batchSize: {
          default: 1,
          reason: 'the purpose of this network: no layer depends on the other images of a batch',
        },
        learningRate: { default: 1e-3, reason: 'the learning rate for batches of 64 divided by 64' },
        optimizer: { default: 'sgd', reason: 'cheap per step: one momentum buffer; steps of one image are short' },
        warmupSteps: { default: 500, reason: 'gradients are large in the first steps' },
      }),
      stepsPerCall: z
        .int()
        .min(1)
        .default(100)
        .describe('dispatching a step takes far longer than computing one image'),
      logEverySteps: z.int().min(1).default(500).describe('about 100 points per epoch at a batch size of 1'),
    }),
  }),
  {
    presets: {
      mnist: { description: 'MNIST, batches of one image', config: {} },
      'mnist-64': {
        description: 'MNIST, batches of 64',
        config: {
          training: { batchSize: 64, learningRate: 0.06, warmupSteps: 50, stepsPerCall: 10, logEverySteps: 20 },
        },
      },
      plain: {
        description: 'MNIST, the same blocks without branches, batches of one image',
        config: { data: { groups: { all: [...DATA_CLASSES.mnist.classNames] } } },
      },
      shapes: {
        description: 'ten generated shapes in color, batches of 16',
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
        description: 'eight generated doodles, batches of 16',
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
        description: 'CIFAR-10 in the groups animal and vehicle; needs --data',
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
        description: 'CIFAR-100 in its 20 superclasses; needs --data',
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
