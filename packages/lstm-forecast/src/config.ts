import { trainingFields } from '@motley/core';
import { type ConfigOf, type DeepPartial, defineConfig } from '@motley/run';
import { z } from 'zod';

const schema = z.strictObject({
  data: z.strictObject({
    problem: z
      .enum(['power-grid', 'autoregressive', 'demand', 'stock', 'csv'])
      .default('power-grid')
      .describe("the course's task, on generated data unless --data has the real ones; csv: any table"),
    target: z.string().default('').describe('csv: the column to forecast, which has to be named'),
    time: z.string().default('').describe('csv: the column with the time, which has to be named'),
    covariates: z
      .array(z.string())
      .nullable()
      .default(null)
      .describe('the columns that help each problem; of a csv none'),
    knownAhead: z
      .array(z.string())
      .default([])
      .describe('csv: none of the covariates is known before its time unless it is named here too'),
    gaps: z
      .enum(['error', 'interpolate', 'previous'])
      .default('error')
      .describe('csv: missing steps and values are named rather than made up'),
    altered: z
      .boolean()
      .default(false)
      .describe('power-grid: the imbalance as it is; true removes the structural part by a spline through the plans'),
    until: z
      .string()
      .default('')
      .describe('a moment (2014-06-15): what came from then on is not read at all; by default everything is'),
    length: z.int().min(100).max(10_000_000).default(60_000).describe('generated series: steps, 208 days of them'),
    seed: z.int().min(0).default(1).describe('generated series: not the seed of the training, which may vary alone'),
    coefficients: z
      .array(z.number())
      .min(1)
      .default([0.9])
      .describe('autoregressive: AR(1), whose error curve is known in a line'),
    validationShare: z.number().gt(0).lt(1).default(0.15).describe('of the steps, before those for testing'),
    testShare: z.number().gt(0).lt(1).default(0.15).describe('of the steps, the newest'),
  }),
  features: z.strictObject({
    calendar: z
      .array(z.enum(['day', 'week', 'year']))
      .default(['day', 'week'])
      .describe('sines and cosines of the clock; a year takes several years of data to learn'),
    harmonics: z
      .int()
      .min(1)
      .max(24)
      .default(1)
      .describe('waves of each cycle, the whole, its half, its third and so on: a network bends one to what it needs'),
    profiles: z
      .array(z.string())
      .default([])
      .describe(
        'covariates known ahead on which the course of the day depends: their products with its waves are read',
      ),
    season: z
      .int()
      .min(0)
      .default(0)
      .describe('what the network reads and forecasts is the target itself; n: its change against n steps before'),
    lags: z
      .array(z.int().min(1))
      .default([])
      .describe('the target so many steps before, where that is known at the start of the forecast'),
    covariateLags: z
      .array(z.int().min(1))
      .default([])
      .describe('the same of the covariates that are known ahead: whether yesterday was a working day, say'),
    scaling: z.enum(['standard', 'min-max', 'robust']).default('standard').describe('of the training part alone'),
    clip: z
      .number()
      .min(0)
      .lt(0.5)
      .default(0.001)
      .describe('share of the training part at each end that counts as an outlier; what is read is clipped there'),
  }),
  model: z.strictObject({
    forecast: z
      .enum(['recursive', 'direct'])
      .default('recursive')
      .describe('each step from the forecast of the last; direct gives all steps at once'),
    window: z.int().min(2).max(100_000).default(48).describe('steps to read before a forecast: four hours of the grid'),
    horizon: z.int().min(1).max(10_000).default(24).describe("the course's two hours in steps of five minutes"),
    units: z.int().min(1).default(32).describe('hidden units: those that the power grid is measured with'),
    skip: z
      .boolean()
      .default(true)
      .describe('a line of the inputs beside the state, which is where the training begins, and forecasts of changes'),
    quantiles: z
      .array(z.number().gt(0).lt(1))
      .default([0.05, 0.25, 0.5, 0.75, 0.95])
      .describe('the median and bands of 50 % and 90 %; an empty list forecasts the mean alone'),
  }),
  loss: z.strictObject({
    oneStepWeight: z.number().min(0).default(0.1).describe('forecasts one step ahead within the window: a hint'),
    quantileWeight: z.number().min(0).default(0.5).describe('bands are to cost the mean little'),
    lagNoise: z
      .number()
      .min(0)
      .default(0)
      .describe('deviation of noise on the last value while training, in deviations of the target'),
    lineRateFactor: z
      .number()
      .min(0)
      .default(1)
      .describe('what the learning rate of the linear part is multiplied by; 0 leaves it as ridge regression has it'),
    lagNoiseRiseInEpochs: z.number().min(0).default(1).describe('the noise rises from nothing over so many epochs'),
  }),
  training: z.strictObject(
    trainingFields({
      epochs: { default: 10, reason: 'the presets have less: most series are known sooner' },
      batchSize: { default: 64, reason: 'smooth enough, and small enough for many updates' },
      learningRate: { default: 3e-3, reason: 'trained steadily in trials; it falls to nothing by the end' },
      optimizer: { default: 'adam', reason: 'the usual one for recurrent networks' },
      maxGradientNorm: { default: 1, reason: 'recurrent networks have cliffs (Pascanu et al., 2013)' },
      warmupSteps: { default: 100, reason: 'the first steps are steep' },
    }),
  ),
  evaluation: z.strictObject({
    startStride: z
      .int()
      .min(1)
      .default(3)
      .describe('steps between starts of measured forecasts: neighbours differ little'),
    ridgeLags: z.int().min(1).default(24).describe("the issue's baseline reads so many values"),
  }),
});

type Preset = DeepPartial<z.output<typeof schema>>;

/** For a network that begins as a line and is drawn back to it: at the usual rate it learned the training part by heart. */
const gentle: Preset['training'] = {
  learningRate: 1e-3,
  optimizer: 'adamw',
  weightDecay: 1,
  emaDecay: 0.99,
  stepsPerCall: 8,
  validateEverySteps: 100,
};

const grid: Preset = { features: { lags: [288] }, training: { ...gentle, steps: 1000 } };

const stock: Preset = {
  data: { problem: 'stock' },
  features: { calendar: [], lags: [2, 3, 4, 5], scaling: 'min-max', clip: 0 },
  model: { horizon: 1, window: 20, units: 16, skip: false, quantiles: [] },
  loss: { oneStepWeight: 1 },
  training: { epochs: 60, batchSize: 32, learningRate: 1e-2, stepsPerCall: 8 },
  evaluation: { startStride: 1 },
};

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(schema, {
  presets: {
    'power-grid': { description: "imbalance of a power region, the course's 24 steps of five minutes", config: grid },
    'power-grid-altered': {
      description: 'the same without its structural part',
      config: { ...grid, data: { altered: true } },
    },
    autoregressive: {
      description: 'AR(1), whose error curve is known',
      config: {
        data: { problem: 'autoregressive' },
        features: { calendar: [], clip: 0 },
        model: { window: 24 },
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
        model: { units: 8 },
        // A year teaches little beyond the line: what the state adds is kept small.
        loss: { lineRateFactor: 0 },
        training: {
          ...gentle,
          epochs: 4,
          weightDecay: 5,
          validateEverySteps: 40,
        },
      },
    },
    stock: { description: "a stock's daily volume, the next day: 5 inputs, 16 units, one output", config: stock },
    'stock-50': {
      description: 'the same with 50 outputs, the next 50 days at once',
      config: { ...stock, model: { ...stock.model, forecast: 'direct', horizon: 50 } },
    },
  },
  fast: { data: { length: 12_000 }, model: { units: 16 }, training: { steps: 200, logEverySteps: 20 } },
});

export type ForecastConfig = ConfigOf<typeof config>;
