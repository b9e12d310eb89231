import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      units: z
        .int()
        .min(1)
        .default(384)
        .describe('of each layer; the largest that sees a megabyte often enough in half an hour'),
      layers: z.int().min(1).default(2).describe("as in Karpathy's char-rnn; one more costs half as much again"),
      dropout: z
        .number()
        .min(0)
        .lt(1)
        .default(0.2)
        .describe('rate on what each layer hands up: a megabyte is learned by heart without it'),
      recurrence: z
        .enum(['fused', 'equations'])
        .default('fused')
        .describe(
          "core's fused operation, the faster; equations runs the loop as model.ts writes it, to the same values",
        ),
    }),
    data: z.strictObject({
      source: z
        .enum(['text', 'markov'])
        .default('text')
        .describe('Moby-Dick or the file of --data; markov: letters of a chain whose entropy rate is known'),
      level: z
        .enum(['character', 'byte'])
        .default('character')
        .describe('a symbol is a Unicode code point; bytes where a text has thousands of them'),
      windowLength: z
        .int()
        .min(1)
        .default(64)
        .describe('symbols that gradients go back; the carried state remembers longer'),
      markov: z.strictObject({
        states: z.int().min(2).max(26).default(12).describe('letters of the alphabet'),
        delay: z
          .int()
          .min(1)
          .default(3)
          .describe('the letter that decides is so many back: pairs of neighbours tell nothing'),
        sharpness: z
          .number()
          .positive()
          .default(2)
          .describe('1: rows uniform on the simplex; more is more predictable'),
        length: z.int().min(1000).max(10_000_000).default(1_000_000).describe('as long as the texts'),
        seed: z.int().min(0).max(0xffff_ffff).default(0).describe('of the language, apart from that of the training'),
      }),
    }),
    training: z.strictObject(
      trainingFields({
        epochs: { default: 6, reason: 'after more, a megabyte is learned by heart, dropout or not' },
        batchSize: {
          default: 32,
          reason: 'streams of text side by side; twice as many are a little faster, and half the updates',
        },
        learningRate: {
          default: 1e-2,
          reason: 'the highest that stays calm learns fastest by far; it falls to nothing by the end',
        },
        optimizer: { default: 'adam', reason: 'dropout is regularisation enough' },
        warmupSteps: { default: 100, reason: 'the first steps are steep' },
        maxGradientNorm: {
          default: 1,
          reason: 'backpropagation through time now and then explodes (Pascanu et al., 2013)',
        },
      }),
    ),
  }),
  {
    presets: {
      text: { description: 'a megabyte of text', config: {} },
      markov: {
        description: 'a generated language, to reach its entropy rate',
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
