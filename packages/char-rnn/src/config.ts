import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

/** All settings of a run, each with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      units: z
        .int()
        .min(1)
        .default(384)
        .describe('units per layer; the largest network that trains on a megabyte in half an hour'),
      layers: z.int().min(1).default(2).describe("as in Karpathy's char-rnn; a third layer adds half the time"),
      dropout: z
        .number()
        .min(0)
        .lt(1)
        .default(0.2)
        .describe('rate on the output of each layer; without dropout, a megabyte is overfitted'),
      recurrence: z
        .enum(['fused', 'equations'])
        .default('fused')
        .describe("core's fused operation, which is faster; equations runs the loop of model.ts, with the same values"),
    }),
    data: z.strictObject({
      source: z
        .enum(['text', 'markov'])
        .default('text')
        .describe('Moby-Dick or the file of --data; markov: letters of a Markov chain with known entropy rate'),
      level: z
        .enum(['character', 'byte'])
        .default('character')
        .describe('a symbol is a Unicode code point; choose byte for texts with thousands of different ones'),
      windowLength: z
        .int()
        .min(1)
        .default(64)
        .describe('steps of truncated backpropagation through time; the state is carried over'),
      markov: z.strictObject({
        states: z.int().min(2).max(26).default(12).describe('letters of the alphabet'),
        delay: z
          .int()
          .min(1)
          .default(3)
          .describe('each letter depends on the letter this far back, so bigrams are of no use'),
        sharpness: z
          .number()
          .positive()
          .default(2)
          .describe('1 makes transition rows uniform on the simplex; higher is more predictable'),
        length: z
          .int()
          .min(1000)
          .max(10_000_000)
          .default(1_000_000)
          .describe('letters of the text; as long as the other texts'),
        seed: z
          .int()
          .min(0)
          .max(0xffff_ffff)
          .default(0)
          .describe('seed of the language, independent of the training seed'),
      }),
    }),
    training: z.strictObject(
      trainingFields({
        epochs: { default: 6, reason: 'with more, a megabyte is overfitted despite dropout' },
        batchSize: {
          default: 32,
          reason: 'streams of text in parallel; twice as many are slightly faster but halve the updates',
        },
        learningRate: {
          default: 1e-2,
          reason: 'the highest stable rate learns fastest by far; decays to 0',
        },
        optimizer: { default: 'adam', reason: 'without weight decay, as dropout regularizes enough' },
        warmupSteps: { default: 100, reason: 'gradients are large in the first steps' },
        maxGradientNorm: {
          default: 1,
          reason: 'gradients through time can explode (Pascanu et al., 2013)',
        },
      }),
    ),
  }),
  {
    presets: {
      text: { description: 'a megabyte of text', config: {} },
      markov: {
        description: 'a generated language with known entropy rate',
        config: { data: { source: 'markov' }, model: { units: 64, dropout: 0 }, training: { epochs: 4 } },
      },
    },
    fast: {
      model: { units: 64, dropout: 0 },
      data: { markov: { length: 100_000 } },
      training: { steps: 200, batchSize: 32, warmupSteps: 20, logEverySteps: 20 },
    },
  },
);

export type CharRnnConfig = ConfigOf<typeof config>;
