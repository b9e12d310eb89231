import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const schema = z.strictObject({
  data: z.strictObject({
    delay: z.int().min(1).max(1000).default(50).describe('steps back to the symbol that decides the next one'),
    states: z.int().min(2).max(64).default(2).describe('number of symbols; with two, the delay is the only difficulty'),
    sharpness: z
      .number()
      .positive()
      .default(1.5)
      .describe('how predictable the chain is; this value gives neither pure noise nor a fixed rule'),
    length: z.int().min(100).max(10_000_000).default(1_500_000).describe('symbols in all three parts together'),
    seed: z
      .int()
      .min(0)
      .default(2)
      .describe('seed of the chain and its sequences; the training has its own, so each can vary alone'),
    validationShare: z.number().gt(0).lt(1).default(0.1).describe('share of the symbols that chooses the checkpoint'),
    testShare: z.number().gt(0).lt(1).default(0.2).describe('share of the symbols for the final figures'),
  }),
  model: z.strictObject({
    window: z
      .int()
      .min(2)
      .max(100_000)
      .default(130)
      .describe('symbols in a training sequence; longer than the delay, best about twice as long'),
    units: z
      .int()
      .min(1)
      .default(64)
      .describe('hidden units; the cyclic initialization remembers as many steps as there are units'),
    initialization: z
      .enum(['cyclic', 'chrono', 'pytorch'])
      .default('cyclic')
      .describe('cyclic starts as a memory of the past; chrono and pytorch are there for comparison'),
  }),
  training: z.strictObject({
    ...trainingFields({
      epochs: { default: 10, reason: 'more than the steps below need' },
      batchSize: { default: 16, reason: 'about 2,000 symbols at the default window' },
      learningRate: { default: 3e-5, reason: 'higher rates wear away the memory that the network starts with' },
      optimizer: { default: 'adam', reason: 'the usual one for recurrent networks' },
      maxGradientNorm: { default: 1, reason: 'clips exploding gradients of recurrent networks (Pascanu et al., 2013)' },
      warmupSteps: { default: 20, reason: 'gradients are large in the first steps' },
    }),
    steps: z.int().min(1).nullable().default(400).describe('enough for every delay up to 200'),
    stepsPerCall: z.int().min(1).default(10).describe('dispatching a step takes far longer than computing it'),
    validateEverySteps: z.int().min(1).nullable().default(100).describe('an epoch has more steps than a run'),
    headRateFactor: z
      .number()
      .positive()
      .default(2000)
      .describe('factor on the learning rate of the output layer, which learns while the memory stays as it is'),
  }),
  evaluation: z.strictObject({
    lags: z.int().min(1).default(24).describe('symbols that the linear baseline reads'),
  }),
});

/** Settings of a run, each with the reason for its default. */
export const config = defineConfig(schema, {
  fast: { data: { length: 12_000 }, model: { units: 16 }, training: { steps: 200, logEverySteps: 20 } },
});

export type MarkovConfig = ConfigOf<typeof config>;
