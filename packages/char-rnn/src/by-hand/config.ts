import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const count = z.int().min(1);

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      hiddenSize: count.default(128).describe('of each layer; min-char-rnn has 100, and whole vectors are faster'),
      layers: count.default(2).describe('one more than min-char-rnn has'),
    }),
    data: z.strictObject({
      level: z
        .enum(['character', 'byte'])
        .default('character')
        .describe('a symbol is a Unicode code point; bytes where a text has thousands of them'),
      lines: count.nullable().default(null).describe('the whole text; a number takes its first lines alone'),
    }),
    training: z.strictObject({
      steps: count.nullable().default(null).describe('as many as the epochs take; a number ends the run there'),
      epochs: count.default(6).describe('a megabyte in some minutes on one core'),
      batchSize: count
        .default(8)
        .describe('streams of text side by side; min-char-rnn has one, which learns more slowly'),
      sequenceLength: count
        .default(25)
        .describe('symbols that gradients go back, as in min-char-rnn; the state goes on'),
      learningRate: z
        .number()
        .positive()
        .default(0.02)
        .describe("min-char-rnn's 0.1 saturates a second layer in the first steps"),
      decayEverySteps: count.default(10_000).describe('steps between two falls of the learning rate'),
      decayFactor: z.number().positive().max(1).default(0.7).describe('what a fall multiplies the rate by'),
      maxGradientValue: z
        .number()
        .positive()
        .nullable()
        .default(5)
        .describe('each derivative is cut into ±5, as in min-char-rnn: gradients through time explode'),
      maxGradientNorm: z
        .number()
        .positive()
        .nullable()
        .default(null)
        .describe('or all of them are scaled to this length, which keeps their direction (Pascanu et al., 2013)'),
      validateEverySteps: count.nullable().default(null).describe('null: at the end of each epoch'),
      sampleEverySteps: count.nullable().default(1000).describe('to see it learn; null prints no samples'),
      sampleLength: count.default(200).describe('symbols, as in min-char-rnn'),
      logEverySteps: count.default(100).describe('enough points for a curve'),
      seed: z.int().min(0).max(0xffff_ffff).default(0).describe('any; fixed, so that a run can be repeated'),
    }),
  }),
  {
    presets: {
      text: { description: 'a megabyte', config: {} },
      play: {
        description: 'the first 400 lines, by heart',
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
