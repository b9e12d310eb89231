import { z } from 'zod';
import { OPTIMIZERS, SCHEDULES, type OptimizerName, type ScheduleName } from '../optim/create.ts';

/** Default value, with the reason for it. */
export interface DefaultWithReason<T> {
  readonly default: T;
  readonly reason: string;
}

/** Defaults that differ between systems, with their reasons. */
export interface TrainingDefaults {
  readonly epochs: DefaultWithReason<number>;
  readonly batchSize: DefaultWithReason<number>;
  readonly learningRate: DefaultWithReason<number>;
  readonly optimizer?: DefaultWithReason<OptimizerName>;
  readonly weightDecay?: DefaultWithReason<number | null>;
  readonly schedule?: DefaultWithReason<ScheduleName>;
  readonly warmupSteps?: DefaultWithReason<number>;
  readonly maxGradientNorm?: DefaultWithReason<number | null>;
  readonly emaDecay?: DefaultWithReason<number | null>;
  readonly earlyStoppingPatience?: DefaultWithReason<number | null>;
}

function field<T>(type: z.ZodType<T>, given: DefaultWithReason<T> | undefined, fallback: T, reason: string) {
  // The cast avoids zod's conditional type of `.default()`, which cannot be resolved for a generic T.
  const withDefault = type as z.ZodType<T> & { default(value: T): z.ZodDefault<z.ZodType<T>> };
  return withDefault.default(given === undefined ? fallback : given.default).describe(given?.reason ?? reason);
}

const count = z.int().min(1);
const fraction = z.number().min(0).max(1);
const partBelowOne = z.number().min(0).lt(1);

/**
 * Settings fields of every training, under the names that `fit` takes. Spread them into `training: z.strictObject({
 * ...trainingFields(...), … })`. They must stand under `training`, where the flags --epochs, --steps, --batch-size,
 * --learning-rate, --seed and --overfit-one-batch set them.
 */
export function trainingFields(defaults: TrainingDefaults) {
  const { epochs, batchSize, learningRate } = defaults;
  return {
    epochs: count.default(epochs.default).describe(epochs.reason),
    steps: count.nullable().default(null).describe('given by the epochs; a number ends the run there'),
    stepsPerEpoch: count
      .nullable()
      .default(null)
      .describe('given by the data; a number for endless data, or for shorter epochs'),
    batchSize: count.default(batchSize.default).describe(batchSize.reason),
    accumulationSteps: count
      .default(1)
      .describe(
        'one batch per update; more give a batch of accumulationSteps · batchSize, which may exceed the memory',
      ),
    learningRate: z.number().positive().default(learningRate.default).describe(learningRate.reason),
    seed: z.int().min(0).max(0xffff_ffff).default(0).describe('any; fixed, so that a run can be repeated'),

    optimizer: field(z.enum(OPTIMIZERS), defaults.optimizer, 'adamw', 'works nearly everywhere without tuning'),
    betas: z
      .array(partBelowOne)
      .length(2)
      .nullable()
      .default(null)
      .describe('the optimizer has its own (0.9, 0.999; Lion 0.9, 0.99)'),
    momentum: partBelowOne.nullable().default(null).describe('for sgd and rmsprop; null is their own default (0.9, 0)'),
    nesterov: z.boolean().default(true).describe('for sgd; as good or better at no cost'),
    weightDecay: field(
      z.number().min(0).nullable(),
      defaults.weightDecay,
      null,
      'the optimizer has its own (adamw 0.01, the others 0; adam has none)',
    ),
    decayVectors: z
      .boolean()
      .default(false)
      .describe('biases and normalization scales train better without weight decay'),
    schedule: field(z.enum(SCHEDULES), defaults.schedule, 'cosine', 'falls to zero by the end, with few settings'),
    warmupSteps: field(
      z.int().min(0),
      defaults.warmupSteps,
      0,
      'no warm-up; Adam with attention needs some hundred steps',
    ),
    finalLearningRateFraction: fraction
      .default(0)
      .describe('cosine, plateau: lowest rate as a fraction of the highest; the last steps should be small'),
    decayEverySteps: count.default(1000).describe('schedule step: steps between two decreases'),
    decayFactor: fraction.default(0.1).describe('schedules step and plateau: factor of the rate at a decrease'),
    plateauPatience: z
      .int()
      .min(0)
      .default(10)
      .describe('schedule plateau: validations without improvement before a decrease'),

    maxGradientNorm: field(
      z.number().positive().nullable(),
      defaults.maxGradientNorm,
      null,
      'no clipping; 1 stabilizes recurrent networks and Transformers',
    ),
    maxGradientValue: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('no clipping by value; clipping the norm is better'),
    emaDecay: field(
      z.number().gt(0).lt(1).nullable(),
      defaults.emaDecay,
      null,
      'the weights themselves are used; 0.999 measures and saves their moving average',
    ),

    validateEverySteps: count.nullable().default(null).describe("at each epoch's end; a number where epochs are long"),
    sanityBatches: z
      .int()
      .min(0)
      .default(2)
      .describe('batches validated before the first step, so that errors show at once'),
    earlyStoppingPatience: field(
      count.nullable(),
      defaults.earlyStoppingPatience,
      null,
      'trains to the end; a number stops after as many validations without improvement',
    ),
    earlyStoppingThreshold: z
      .number()
      .min(0)
      .default(0)
      .describe('any decrease of the loss is an improvement for the patience; the lowest loss is best in any case'),

    logEverySteps: count.default(50).describe('gives a curve of some hundred points in a usual run'),
    checkpointEverySteps: count
      .nullable()
      .default(null)
      .describe('after each validation and epoch; a number saves in between too'),
    keepEverySteps: count
      .nullable()
      .default(null)
      .describe('only the two newest and the best checkpoint stay; N also keeps the first in every N steps'),
    stepsPerCall: count
      .default(1)
      .describe('updates in one call of a compiled step; more where a step is far shorter than its dispatch'),
    overfitOneBatch: z
      .boolean()
      .default(false)
      .describe('trains on all batches; true trains on the first alone, whose loss should fall to almost zero'),
  };
}

/** Parsed settings of `trainingFields`. */
export type TrainingSettings = z.output<z.ZodObject<ReturnType<typeof trainingFields>>>;

/** Default settings of a training. */
export function defaultTrainingSettings(): TrainingSettings {
  const any = { default: 1, reason: 'given by the caller' };
  return z.object(trainingFields({ epochs: any, batchSize: any, learningRate: any })).parse({});
}
