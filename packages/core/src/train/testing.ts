import {
  type Checkpoint,
  cosineSchedule,
  decodeArrays,
  type EpochEnd,
  type MetricRecord,
  type Progress,
  type ResumePoint,
  type TrainingListener,
} from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { ArrayBatches } from '../data/batches.ts';
import { Linear } from '../nn/linear.ts';
import { AdamW } from '../optim/adam.ts';
import { RandomStream } from '../random/random-stream.ts';
import type { FitOptions } from './fit.ts';

const EXAMPLES = 20;
const inputs = RandomStream.fromSeed(1).normalValues(EXAMPLES * 2);
// y = 3 x₀ - 2 x₁ + 0.5
const targets = Float32Array.from({ length: EXAMPLES }, (_, i) => 3 * inputs[2 * i]! - 2 * inputs[2 * i + 1]! + 0.5);

export type RegressionBatch = Readonly<Record<'inputs' | 'targets', tf.Tensor>>;
export type Options = FitOptions<RegressionBatch>;

const fields = { inputs: { values: inputs, shape: [2] }, targets: { values: targets, shape: [1] } };

/** The 20 examples, in a different order each epoch. */
export function regressionBatches(batchSize: number): ArrayBatches<'inputs' | 'targets'> {
  return new ArrayBatches(fields, { batchSize, random: RandomStream.fromSeed(3) });
}

/** Options of a noisy regression, so that the random state matters: 20 examples, 4 batches per epoch. */
export function regression<Changed extends Partial<Options>>(changed: Changed) {
  const model = new Linear(2, 1, { random: RandomStream.fromSeed(2) });
  const loss: Options['loss'] = (batch, { random }) => {
    const noise = random.normal(batch.targets.shape, 0, 0.01);
    const error = tf.mean(tf.squaredDifference(model.forward(batch.inputs), tf.add(batch.targets, noise)));
    const penalty = tf.mul(tf.sum(tf.square(model.weight)), 1e-4);
    return { loss: tf.add(error, penalty), error, penalty };
  };
  return {
    optimizer: new AdamW(model.namedParameters()),
    schedule: cosineSchedule({ learningRate: 0.3, warmupSteps: 2, totalSteps: 60 }),
    trainingBatches: regressionBatches(6),
    loss,
    epochs: 5,
    seed: 4,
    logEverySteps: 3,
    ...changed,
    model,
  };
}

/** A regression whose loss is a mean over the tokens of the examples: 0 to 4 each, in no relation to the batches. */
export function tokenRegression(batchSize: number) {
  const model = new Linear(2, 1, { random: RandomStream.fromSeed(2) });
  const tokens = { values: Float32Array.from({ length: EXAMPLES }, (_, i) => (i * i) % 5), shape: [1] };
  type TokenBatch = Readonly<Record<'inputs' | 'targets' | 'tokens', tf.Tensor>>;
  const weightOf = (batch: TokenBatch) => tf.sum(batch.tokens);
  return {
    model,
    optimizer: new AdamW(model.namedParameters()),
    schedule: () => 0.1,
    seed: 4,
    trainingBatches: new ArrayBatches({ ...fields, tokens }, { batchSize, random: RandomStream.fromSeed(3) }),
    weightOf,
    loss: (batch: TokenBatch) => {
      const errors = tf.squaredDifference(model.forward(batch.inputs), batch.targets);
      return { loss: tf.div<tf.Tensor>(tf.sum(tf.mul(errors, batch.tokens)), weightOf(batch)) };
    },
  };
}

/** Records the events of a training, with states as they come back from JSON. */
export class Recorder implements TrainingListener {
  readonly records: MetricRecord[] = [];
  readonly progress: Progress[] = [];
  readonly epochEnds: number[] = [];
  readonly checkpoints: (ResumePoint & { readonly isBest: boolean; readonly step: number })[] = [];

  onMetrics(record: MetricRecord): void {
    this.records.push(record);
  }

  onProgress(progress: Progress): void {
    this.progress.push(progress);
  }

  onEpochEnd({ epoch }: EpochEnd): void {
    this.epochEnds.push(epoch);
  }

  onCheckpoint({ weights, optimizer, state, isBest, step }: Checkpoint): Promise<void> {
    const json: unknown = JSON.parse(JSON.stringify(state));
    this.checkpoints.push({ weights, optimizer, state: json, isBest, step });
    return Promise.resolve();
  }
}

/** Values of a named array in a safetensors file. */
export const valuesIn = (bytes: Uint8Array, name: string): number[] => [
  ...decodeArrays(bytes, 'checkpoint')[name]!.values,
];

export const weightsOf = (model: Linear): number[] => [...model.weight.dataSync(), ...model.bias!.dataSync()];
export const withoutTime = (records: readonly MetricRecord[]): unknown[] =>
  records.map(({ step, epoch, split, metrics }) => {
    const timeless = Object.entries(metrics).filter(([name]) => name !== 'samplesPerSecond');
    return { step, epoch, split, metrics: Object.fromEntries(timeless) };
  });

export const BACKENDS = ['cpu', 'tensorflow'] as const;
