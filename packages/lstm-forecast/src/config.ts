import { trainingFields } from '@motley/core';
import { type ConfigOf, type DeepPartial, defineConfig } from '@motley/run';
import { z } from 'zod';

const schema = z.strictObject({
  data: z.strictObject({
    problem: z
      .enum(['power-grid', 'autoregressive', 'demand', 'stock', 'csv'])
      .default('power-grid')
      .describe(
        'power-grid is generated unless --data names the real file; csv, the default for others, reads any table',
      ),
    file: z.string().default('').describe('csv: name of the table, where --data is a folder of several'),
    target: z
      .string()
      .default('')
      .describe('csv: the column to forecast; empty: its only column of numbers besides the times'),
    time: z
      .string()
      .default('')
      .describe('csv: the column of times; empty: its only one, or row numbers if it has none'),
    covariates: z
      .array(z.string())
      .nullable()
      .default(null)
      .describe('columns to read besides the target; null: those that help the problem, for a csv none'),
    knownAhead: z
      .array(z.string())
      .default([])
      .describe('csv: covariates that are known before their time, such as plans and holidays'),
    gaps: z
      .enum(['error', 'interpolate', 'previous'])
      .default('error')
      .describe('csv: how to fill missing steps and values; error names the first instead'),
    duplicates: z
      .enum(['error', 'mean', 'first', 'last'])
      .default('error')
      .describe('csv: which value counts where a time has several rows; error names the first such rows instead'),
    frequency: z
      .string()
      .default('')
      .describe('csv: monthly, business-days, "10 minutes", rows …; empty finds it in the times'),
    altered: z
      .boolean()
      .default(false)
      .describe('power-grid: true subtracts the structural imbalance, by a spline through the plans'),
    until: z
      .string()
      .default('')
      .describe('a moment such as 2014-06-15, without dates a step: values from then on are not read; empty reads all'),
    length: z
      .int()
      .min(100)
      .max(10_000_000)
      .default(60_000)
      .describe('generated series: number of steps; 60,000 of five minutes are 208 days'),
    seed: z.int().min(0).default(1).describe('generated series: seed of its draws; the training has a seed of its own'),
    coefficients: z
      .array(z.number())
      .min(1)
      .default([0.9])
      .describe('autoregressive: coefficients of the process; the optimal error of AR(1) has a closed form'),
    validationShare: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.15)
      .describe('share of the steps before the test part that chooses checkpoints and penalties'),
    testShare: z.number().gt(0).lt(1).default(0.15).describe('share of the steps, the newest, for the final figures'),
  }),
  features: z.strictObject({
    calendar: z
      .array(z.enum(['day', 'week', 'year']))
      .default(['day', 'week'])
      .describe('cycles read as sines and cosines; a year takes several years of data to learn'),
    harmonics: z
      .int()
      .min(1)
      .max(24)
      .default(1)
      .describe('waves per cycle, with a period of the whole, a half, a third …; one is enough for a network'),
    profiles: z
      .array(z.string())
      .default([])
      .describe(
        'covariates known ahead that change the daily profile; their products with the waves of the day are read',
      ),
    season: z
      .int()
      .min(0)
      .default(0)
      .describe('0: the network reads and forecasts the target; n: its change against n steps before'),
    lags: z
      .array(z.int().min(1))
      .default([])
      .describe('earlier values of the target to read, by steps back; at least the horizon'),
    covariateLags: z
      .array(z.int().min(1))
      .default([])
      .describe('earlier values of the covariates known ahead, by steps back: whether yesterday was a working day'),
    scaling: z
      .enum(['standard', 'min-max', 'robust'])
      .default('standard')
      .describe('how columns are scaled; fitted on the training part alone'),
    clip: z
      .number()
      .min(0)
      .lt(0.5)
      .default(0.001)
      .describe('share of outliers at each end of the training part; inputs are clipped there'),
  }),
  model: z.strictObject({
    forecast: z
      .enum(['recursive', 'direct', 'corrected'])
      .default('recursive')
      .describe(
        'recursive forecasts each step from the last forecast; direct gives all steps at once; corrected adds them to a combination of linear methods',
      ),
    window: z
      .int()
      .min(2)
      .max(100_000)
      .nullable()
      .default(null)
      .describe('steps to read before a forecast; null: four hours of the power grid, two seasons of a csv'),
    horizon: z
      .int()
      .min(1)
      .max(10_000)
      .nullable()
      .default(null)
      .describe('steps to forecast; null: two hours of the power grid; for a csv as many as its frequency suggests'),
    units: z.int().min(1).default(32).describe('hidden units'),
    skip: z
      .boolean()
      .default(true)
      .describe('adds a linear head on the inputs, fitted by ridge regression first, and forecasts changes'),
    quantiles: z
      .array(z.number().gt(0).lt(1))
      .default([0.05, 0.25, 0.5, 0.75, 0.95])
      .describe('levels of the quantiles: median, bands of 50 % and 90 %; an empty list forecasts the mean alone'),
  }),
  loss: z.strictObject({
    oneStepWeight: z.number().min(0).default(0.1).describe('weight of the one-step forecasts within the window'),
    quantileWeight: z
      .number()
      .min(0)
      .default(0.5)
      .describe('weight of the pinball loss; low, so that quantiles cost the mean little'),
    lagNoise: z
      .number()
      .min(0)
      .default(0)
      .describe('deviation of noise on the last value while training, in units of the scaled target'),
    linearHeadRateFactor: z
      .number()
      .min(0)
      .default(1)
      .describe('factor on the learning rate of the linear head; 0 leaves it as ridge regression fitted it'),
    lagNoiseRiseInEpochs: z.number().min(0).default(1).describe('the noise rises from nothing over so many epochs'),
  }),
  training: z.strictObject(
    trainingFields({
      epochs: { default: 10, reason: 'an upper limit; most presets train for fewer steps' },
      batchSize: { default: 64, reason: 'a compromise between smooth gradients and many updates' },
      learningRate: { default: 3e-3, reason: 'stable in trials' },
      optimizer: { default: 'adam', reason: 'the usual one for recurrent networks' },
      maxGradientNorm: { default: 1, reason: 'clips exploding gradients of recurrent networks (Pascanu et al., 2013)' },
      warmupSteps: { default: 100, reason: 'gradients are large in the first steps' },
    }),
  ),
  evaluation: z.strictObject({
    startStride: z
      .int()
      .min(1)
      .nullable()
      .default(3)
      .describe(
        'steps between the starts of measured forecasts; neighbors differ little; null: as the length suggests',
      ),
    ridgeLags: z.int().min(1).default(24).describe('values that the ridge baselines read; fewer where a csv is short'),
  }),
});

type Preset = DeepPartial<z.output<typeof schema>>;

/** Gentle training for a network that starts as a ridge regression: the usual rate overfits. */
const gentle: Preset['training'] = {
  learningRate: 1e-3,
  optimizer: 'adamw',
  weightDecay: 1,
  emaDecay: 0.99,
  stepsPerCall: 8,
  validateEverySteps: 100,
};

const grid: Preset = {
  features: { lags: [288] },
  model: { window: 48, horizon: 24 },
  training: { ...gentle, steps: 1000 },
};

const stock: Preset = {
  data: { problem: 'stock' },
  features: { calendar: [], lags: [2, 3, 4, 5], scaling: 'min-max', clip: 0 },
  model: { horizon: 1, window: 20, units: 16, skip: false, quantiles: [] },
  loss: { oneStepWeight: 1 },
  training: { epochs: 60, batchSize: 32, learningRate: 1e-2, stepsPerCall: 8 },
  evaluation: { startStride: 1 },
};

/** Settings of a run, each with the reason for its default. */
export const config = defineConfig(schema, {
  presets: {
    'power-grid': { description: 'imbalance of a power grid region, 24 steps of five minutes', config: grid },
    'power-grid-altered': {
      description: 'the same without the structural imbalance',
      config: { ...grid, data: { altered: true } },
    },
    autoregressive: {
      description: 'AR(1), whose optimal error has a closed form',
      config: {
        data: { problem: 'autoregressive' },
        features: { calendar: [], clip: 0 },
        model: { window: 24, horizon: 24 },
        training: { ...gentle, steps: 300 },
      },
    },
    demand: {
      description: "half-hourly electricity demand of Victoria, half a day ahead (Hyndman's elecdemand, by --data)",
      config: {
        data: { problem: 'demand' },
        features: {
          harmonics: 4,
          lags: [48, 96, 144, 192, 240, 288, 336].flatMap((day) => [-2, -1, 0, 1, 2].map((step) => day + step)),
          covariateLags: [48, 336],
          profiles: ['WorkDay'],
          clip: 0,
        },
        model: { window: 48, horizon: 24, units: 8 },
        // A year of data teaches little beyond the linear head.
        loss: { linearHeadRateFactor: 0 },
        training: {
          ...gentle,
          epochs: 4,
          weightDecay: 5,
          validateEverySteps: 40,
        },
      },
    },
    csv: {
      description: 'any table: a combination of linear methods, which the LSTM corrects where that helps',
      config: {
        data: { problem: 'csv' },
        features: { calendar: [], clip: 0 },
        model: { forecast: 'corrected', units: 16 },
        loss: { oneStepWeight: 0 },
        training: {
          ...gentle,
          steps: 400,
          batchSize: 32,
          warmupSteps: 20,
          validateEverySteps: 40,
          earlyStoppingPatience: 4,
        },
        evaluation: { startStride: null },
      },
    },
    stock: { description: "a stock's trading volume, one day ahead: 5 inputs, 16 units, one output", config: stock },
    'stock-50': {
      description: 'the same with 50 outputs: the next 50 days at once',
      config: { ...stock, model: { ...stock.model, forecast: 'direct', horizon: 50 } },
    },
  },
  fast: { data: { length: 12_000 }, model: { units: 16 }, training: { steps: 200, logEverySteps: 20 } },
});

export type ForecastConfig = ConfigOf<typeof config>;
