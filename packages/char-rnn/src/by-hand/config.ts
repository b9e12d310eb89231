import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const count = z.int().min(1);

/** Every setting of a run, with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      hiddenSize: count
        .default(128)
        .describe('units of each layer; min-char-rnn has 100, but whole vectors are faster'),
      layers: count.default(2).describe('one more than min-char-rnn'),
    }),
    data: z.strictObject({
      level: z
        .enum(['character', 'byte'])
        .default('character')
        .describe('a symbol is a Unicode code point; choose byte for texts with thousands of different ones'),
      lines: count.nullable().default(null).describe('null: the whole text; a number keeps the first lines'),
    }),
    training: z.strictObject({
      steps: count.nullable().default(null).describe('null: as many as the epochs take; a number ends the run there'),
      epochs: count.default(6).describe('a few minutes for a megabyte on one core'),
      batchSize: count
        .default(8)
        .describe('streams of text in parallel; min-char-rnn has one, which learns more slowly'),
      sequenceLength: count
        .default(25)
        .describe('steps of truncated backpropagation through time, as in min-char-rnn; the state is carried over'),
      learningRate: z
        .number()
        .positive()
        .default(0.02)
        .describe("min-char-rnn's 0.1 saturates the second layer in the first steps"),
      decayEverySteps: count.default(10_000).describe('steps between decays of the learning rate'),
      decayFactor: z.number().positive().max(1).default(0.7).describe('factor of each decay'),
      maxGradientValue: z
        .number()
        .positive()
        .nullable()
        .default(5)
        .describe('clips each derivative to ±5, as in min-char-rnn: gradients through time can explode'),
      maxGradientNorm: z
        .number()
        .positive()
        .nullable()
        .default(null)
        .describe(
          'a number scales all gradients down to this norm, which keeps their direction (Pascanu et al., 2013)',
        ),
      validateEverySteps: count.nullable().default(null).describe('null: at the end of each epoch'),
      sampleEverySteps: count.nullable().default(1000).describe('shows progress; null prints no samples'),
      sampleLength: count.default(200).describe('symbols, as in min-char-rnn'),
      logEverySteps: count.default(100).describe('enough points for a learning curve'),
      seed: z.int().min(0).max(0xffff_ffff).default(0).describe('any; fixed, so that a run can be repeated'),
    }),
  }),
  {
    presets: {
      text: { description: 'a text of about a megabyte', config: {} },
      play: {
        description: 'memorize the first 400 lines',
        config: {
          data: { lines: 400 },
          training: {
            epochs: 150,
            batchSize: 1,
            learningRate: 0.02,
            decayEverySteps: 20_000,
            decayFactor: 0.5,
            validateEverySteps: 5000,
            sampleEverySteps: 5000,
          },
        },
      },
    },
    fast: { data: { lines: 400 }, training: { steps: 2000, batchSize: 1, sampleEverySteps: 1000 } },
  },
);

export type ByHandConfig = ConfigOf<typeof config>;
