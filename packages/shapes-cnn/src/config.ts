import { classificationFields, trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const share = z.number().gt(0).max(1);

/** Settings of a run, each with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      channels: z
        .array(z.int().min(1))
        .min(2)
        .default([16, 32, 64, 128])
        .describe(
          'channels of the stem at 1/2 of the resolution, then of the stages at 1/4, 1/8 and 1/16; doubling keeps the cost per convolution equal',
        ),
      blocksPerStage: z
        .int()
        .min(1)
        .default(2)
        .describe('the first block halves the resolution, the second widens the receptive field'),
    }),
    data: z.strictObject({
      imageSize: z.int().min(16).max(256).default(64).describe('pixels along each side'),
      diameters: z
        .array(share)
        .length(2)
        .default([0.3, 0.9])
        .describe('smallest and largest shape, as shares of the picture: 19 pixels to nearly all of it'),
      thicknesses: z
        .array(z.number().gt(0).max(0.5))
        .length(2)
        .default([0.07, 0.18])
        .describe('thinnest and thickest stroke, as shares of the shape; never thinner than 1.5 pixels'),
      minContrast: z
        .number()
        .min(0)
        .max(0.8)
        .default(0.3)
        .describe(
          'smallest contrast of the shape to the nearest background color, 0 to 1; a lower contrast is hard to see',
        ),
      maxNoise: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe('largest standard deviation of the pixel noise, as a share of white'),
      curriculumImages: z
        .int()
        .min(0)
        .default(32_000)
        .describe(
          'training pictures over which the difficulty grows from large, clear shapes to all; without a curriculum the start is slow',
        ),
      imagesPerEpoch: z
        .int()
        .min(1)
        .default(16_000)
        .describe('pictures between two validations, as the stream has no end'),
      validationImages: z
        .int()
        .min(1)
        .default(4000)
        .describe('pictures that choose the best checkpoint; never trained on'),
      workers: z
        .int()
        .min(0)
        .max(64)
        .default(1)
        .describe(
          'worker threads that draw; one draws ten times as fast as two cores train; 0 draws between the steps',
        ),
      prefetch: z
        .int()
        .min(1)
        .max(1000)
        .default(8)
        .describe('batches drawn ahead, so that workers draw while the steps run'),
    }),
    training: z.strictObject({
      ...trainingFields({
        epochs: { default: 6, reason: '96,000 pictures, more than 99.5 % accuracy needs' },
        batchSize: {
          default: 32,
          reason: 'more steps from the same pictures; larger batches are hardly faster on two cores',
        },
        learningRate: {
          default: 4e-3,
          reason: 'batch normalization allows a high rate, and the schedule lowers it to almost 0',
        },
        schedule: { default: 'oneCycle', reason: 'fast convergence in a known number of steps (Smith, 2018)' },
      }),
      ...classificationFields(),
    }),
    evaluation: z.strictObject({
      controlledImages: z
        .int()
        .min(1)
        .default(1000)
        .describe('pictures per point of the curves against size, contrast and noise'),
      images: z
        .int()
        .min(1)
        .default(20_000)
        .describe('test pictures; the 95 % interval at 99.5 % is then ± 0.1 points'),
      seed: z
        .int()
        .min(0)
        .max(0xffff_ffff)
        .default(20_261_123)
        .describe('seed of the test stream: every training is tested on the same pictures'),
    }),
  }),
  {
    presets: {
      default: { description: 'a residual network on 64 × 64 pixels', config: {} },
      small: {
        description: 'half the channels, 64 × 64 pixels',
        config: { model: { channels: [8, 16, 32, 64] } },
      },
      'pixels-32': {
        description: '32 × 32 pixels, with strokes from 1.5 pixels',
        config: { data: { imageSize: 32 } },
      },
    },
    fast: {
      model: { channels: [16, 32, 64] },
      data: {
        imageSize: 32,
        diameters: [0.6, 0.9],
        curriculumImages: 0,
        imagesPerEpoch: 3200,
        validationImages: 500,
      },
      training: { epochs: 4, logEverySteps: 20 },
      evaluation: { images: 1000, controlledImages: 100 },
    },
  },
);

export type ShapesConfig = ConfigOf<typeof config>;
