import { trainingFields } from '@motley/core';
import { type ConfigOf, type DeepPartial, defineConfig } from '@motley/run';
import { z } from 'zod';

const schema = z.strictObject({
  data: z.strictObject({
    target: z.string().default('Attrition').describe('the column to predict'),
    task: z
      .enum(['auto', 'binary', 'multi-class', 'number'])
      .default('auto')
      .describe('auto: a number where the target has more than ten different ones, else its classes'),
    positive: z
      .string()
      .default('')
      .describe('class whose probability is predicted, of two; empty: Yes, true or 1, else the rarer one'),
    inputs: z.array(z.string()).default([]).describe('columns to read; none: all but the target'),
    ignored: z
      .array(z.string())
      .default([])
      .describe('columns not to read; constants, row numbers and free text are left out anyway'),
    categories: z.array(z.string()).default([]).describe('columns of numbers that are names, such as codes of a shop'),
    folds: z.int().min(2).max(100).default(10).describe('parts of the rows, each with the same share of every class'),
    testFold: z.int().min(0).default(0).describe('the part that the final model is measured on'),
    seed: z.int().min(0).default(0).describe('divides the rows; the training has a seed of its own'),
  }),
  features: z.strictObject({
    logarithms: z
      .boolean()
      .default(true)
      .describe('log(1 + x) of skewed numbers that are never negative: years, incomes'),
    ordinals: z
      .enum(['numbers', 'categories'])
      .default('numbers')
      .describe('how levels from low to high are read; their order is worth more than a freedom for each'),
    scaling: z
      .enum(['robust', 'standard'])
      .default('robust')
      .describe('robust: median and quartiles, then smooth clipping, so that outliers do little (RealMLP)'),
    fittedOn: z
      .enum(['training', 'all'])
      .default('training')
      .describe('rows that scales and categories are taken from; all of them let the test part leak'),
  }),
  model: z.strictObject({
    hiddenSizes: z
      .array(z.int().min(1).max(4096))
      .default([16])
      .describe('units of the hidden layers; 16 members have 256 units'),
    members: z.int().min(1).max(256).default(16).describe('members of the ensemble, which share their weights (TabM)'),
    activation: z.enum(['relu', 'silu', 'tanh']).default('silu').describe('smooth, as the functions to learn are'),
    dropout: z.number().min(0).lt(1).default(0.1).describe('share of hidden units that are left out in training'),
    embedding: z
      .enum(['none', 'periodic'])
      .default('periodic')
      .describe('periodic: each number also as a few learned waves (RealMLP)'),
    frequencies: z.int().min(1).max(256).default(16).describe('waves of an embedding'),
    embeddingSize: z.int().min(2).max(256).default(4).describe('values of an embedded number, itself included'),
    frequencyScale: z.number().positive().default(0.1).describe('deviation of the initial frequencies'),
    linearPath: z.boolean().default(true).describe('adds a linear function of the inputs, which starts at zero'),
  }),
  loss: z.strictObject({
    kind: z
      .enum(['likelihood', 'squared-error'])
      .default('likelihood')
      .describe('likelihood: cross-entropy, for a number the squared error'),
    penalty: z.number().min(0).default(5e-3).describe('half the weight of the squared weights of the ensemble'),
    linearPenalty: z
      .number()
      .min(0)
      .default(1e-3)
      .describe('half the weight of the squared weights of the linear path'),
  }),
  training: z.strictObject({
    ...trainingFields({
      epochs: { default: 60, reason: 'the penalized loss is flat by then' },
      batchSize: { default: 256, reason: 'a few batches of a small table' },
      learningRate: { default: 1e-2, reason: 'lets weights reach their penalized optimum in 300 steps' },
      weightDecay: { default: 0, reason: 'the loss has penalties, whose optimum does not depend on the learning rate' },
    }),
    stepsPerCall: z.int().min(1).default(5).describe('steps are so small that calls cost as much'),
  }),
  crossValidation: z.strictObject({
    repeats: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe('divisions into folds that `train` measures model and baselines on, with a network for each fold'),
  }),
});

type Values = DeepPartial<z.output<typeof schema>>;

const course: Values = {
  data: { inputs: ['Age', 'YearsAtCompany'] },
  features: { logarithms: false, scaling: 'standard' },
  model: { members: 1, embedding: 'none', linearPath: false, dropout: 0, activation: 'relu' },
  loss: { kind: 'squared-error', penalty: 0, linearPenalty: 0 },
  training: { schedule: 'constant' },
};

/** Settings of a run, each with the reason for its default. */
export const config = defineConfig(schema, {
  presets: {
    'two-inputs': {
      description: 'age and years at the company alone',
      config: { data: { inputs: ['Age', 'YearsAtCompany'] } },
    },
    course: { description: 'two inputs, squared error, a plain network', config: course },
  },
  fast: { model: { members: 4 }, training: { epochs: 10 } },
});

export type HrAttritionConfig = ConfigOf<typeof config>;
