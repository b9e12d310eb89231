import { classificationFields, trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const share = z.number().gt(0).max(1);

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      channels: z
        .array(z.int().min(1))
        .min(2)
        .default([16, 32, 64, 128])
        .describe(
          'the stem at half the picture, then stages at a quarter, an eighth, a sixteenth: convolutions of the same cost',
        ),
      blocksPerStage: z
        .int()
        .min(1)
        .default(2)
        .describe('the first halves the picture, the second looks further around'),
    }),
    data: z.strictObject({
      imageSize: z.int().min(16).max(256).default(64).describe('pixels along each side'),
      diameters: z
        .array(share)
        .length(2)
        .default([0.3, 0.9])
        .describe('smallest and largest shape, as shares of the picture: from 19 pixels to nearly all of it'),
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
        .describe('from the shape to the nearest colour of its background: below a third it is hard to see'),
      maxNoise: z.number().min(0).max(1).default(0.1).describe("the pixels' largest noise, in shares of white"),
      curriculumImages: z
        .int()
        .min(0)
        .default(32_000)
        .describe(
          'over which training goes from large, clear shapes to all: without, it learns next to nothing at first',
        ),
      imagesPerEpoch: z
        .int()
        .min(1)
        .default(16_000)
        .describe('the stream has no end; an epoch is what lies between two validations'),
      validationImages: z
        .int()
        .min(1)
        .default(4000)
        .describe('choose the best checkpoint; drawn once, never trained on'),
      workers: z
        .int()
        .min(0)
        .max(64)
        .default(1)
        .describe('threads that draw: one makes ten times what two cores train on; 0 draws between the steps'),
      prefetch: z
        .int()
        .min(1)
        .max(1000)
        .default(8)
        .describe('batches drawn ahead: what a worker needs while the steps run'),
    }),
    training: z.strictObject({
      ...trainingFields({
        epochs: { default: 6, reason: '96,000 pictures: more than 99.5 % needs' },
        batchSize: {
          default: 32,
          reason: 'more steps from the same pictures; on two cores larger ones are hardly faster',
        },
        learningRate: { default: 4e-3, reason: 'high with batch normalisation, for it falls to nothing by the end' },
        schedule: { default: 'oneCycle', reason: 'the fastest to a figure that is known in advance (Smith, 2018)' },
      }),
      ...classificationFields(),
    }),
    evaluation: z.strictObject({
      controlledImages: z
        .int()
        .min(1)
        .default(1000)
        .describe('for each point of the curves against size, contrast and noise'),
      images: z.int().min(1).default(20_000).describe('at 99.5 % the interval is then ± 0.1 points'),
      seed: z
        .int()
        .min(0)
        .max(0xffff_ffff)
        .default(20_261_123)
        .describe("the test stream's own: the same pictures for every training, none of which any has seen"),
    }),
  }),
  {
    presets: {
      default: { description: 'a residual network on 64 × 64 pixels', config: {} },
      small: {
        description: 'half the channels',
        config: { model: { channels: [8, 16, 32, 64] } },
      },
      'pixels-32': {
        description: '32 × 32 pixels, the stem at full size of what is left: strokes of one and a half pixels',
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
