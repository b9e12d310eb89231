import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const count = z.int().min(1).max(1_000_000);

const schema = z.strictObject({
  data: z.strictObject({
    noise: z
      .number()
      .positive()
      .max(0.5)
      .default(0.25)
      .describe('standard deviation of the radii, 1 and 2; the best classifier then errs on one point in 44'),
    trainingExamples: count.default(4000).describe('enough to come within 0.003 nats of the optimum'),
    validationExamples: count.default(2000).describe('choose the best checkpoint'),
    testExamples: count.default(10_000).describe('an accuracy with a standard error of 0.15 points'),
    seed: z.int().min(0).default(1).describe('seed of the points; the training has its own, so each can vary alone'),
  }),
  model: z.strictObject({
    hiddenSizes: z
      .array(z.int().min(1))
      .min(1)
      .default([32, 32])
      .describe('units of the hidden layers; a single layer of eight stays 0.012 nats above the optimum'),
  }),
  training: z.strictObject({
    ...trainingFields({
      epochs: { default: 20, reason: 'the validation loss is flat by then' },
      batchSize: { default: 64, reason: 'a usual size; steps are cheap' },
      learningRate: { default: 0.01, reason: 'ten times the usual rate of AdamW, which a small network bears' },
    }),
  }),
});

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(schema, {
  presets: {
    noisy: {
      description: 'rings that overlap: the best classifier errs on one point in six',
      config: { data: { noise: 0.5 } },
    },
  },
  fast: {
    data: { trainingExamples: 1000, validationExamples: 500, testExamples: 1000 },
    training: { epochs: 10, logEverySteps: 10 },
  },
});

export type MaskDetectionConfig = ConfigOf<typeof config>;
