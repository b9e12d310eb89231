import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ArrayBatches } from '../data/batches.ts';
import { Linear } from '../nn/linear.ts';
import { chooseBackend } from '../node/backend.ts';
import { AdamW } from '../optim/adam.ts';
import { constantSchedule, cosineSchedule } from '../optim/schedules.ts';
import { RandomStream } from '../random/random-stream.ts';
import type { Checkpoint, MetricRecord, Progress, TrainingListener } from './events.ts';
import { fit, type FitOptions, type ResumePoint } from './fit.ts';
import { NonFiniteLossError } from './loss-window.ts';
import { parseTrainingState } from './training-state.ts';

const EXAMPLES = 20;
const inputs = RandomStream.fromSeed(1).normalValues(EXAMPLES * 2);
// y = 3 x₀ - 2 x₁ + 0.5
const targets = Float32Array.from({ length: EXAMPLES }, (_, i) => 3 * inputs[2 * i]! - 2 * inputs[2 * i + 1]! + 0.5);

type RegressionBatch = Readonly<Record<'inputs' | 'targets', tf.Tensor>>;
type Options = FitOptions<RegressionBatch>;

/** A regression under noise, so that the random state counts. */
function regression(changed: Partial<Options> = {}): Options & { readonly model: Linear } {
  const model = new Linear(2, 1, { random: RandomStream.fromSeed(2) });
  const fields = { inputs: { values: inputs, shape: [2] }, targets: { values: targets, shape: [1] } };
  return {
    optimizer: new AdamW(model.namedParameters()),
    schedule: cosineSchedule({ learningRate: 0.3, warmupSteps: 2, totalSteps: 60 }),
    trainingBatches: new ArrayBatches(fields, { batchSize: 6, random: RandomStream.fromSeed(3) }),
    loss: (batch, { random }) => {
      const noise = random.normal(batch.targets.shape, 0, 0.01);
      const error = tf.mean(tf.squaredDifference(model.forward(batch.inputs), tf.add(batch.targets, noise)));
      const penalty = tf.mul(tf.sum(tf.square(model.weight)), 1e-4);
      return { loss: tf.add(error, penalty), error, penalty };
    },
    epochs: 5,
    seed: 4,
    logEverySteps: 3,
    ...changed,
    model,
  };
}

/** Keeps what a trainer tells, checkpoints as their own copies. */
class Recorder implements TrainingListener {
  readonly records: MetricRecord[] = [];
  readonly progress: Progress[] = [];
  readonly checkpoints: (ResumePoint & { readonly isBest: boolean; readonly step: number })[] = [];

  onMetrics(record: MetricRecord): void {
    this.records.push(record);
  }

  onProgress(progress: Progress): void {
    this.progress.push(progress);
  }

  async onCheckpoint({ weights, optimizer, state, isBest, step }: Checkpoint): Promise<void> {
    const copy = async (tensors: Readonly<Record<string, tf.Tensor>>): Promise<Record<string, tf.Tensor>> => {
      const copies: Record<string, tf.Tensor> = {};
      for (const [name, value] of Object.entries(tensors)) copies[name] = tf.tensor(await value.data(), value.shape);
      return copies;
    };
    const json: unknown = JSON.parse(JSON.stringify(state));
    this.checkpoints.push({
      weights: await copy(weights),
      optimizer: await copy(optimizer),
      state: json,
      isBest,
      step,
    });
  }
}

const weightsOf = (model: Linear): number[] => [...model.weight.dataSync(), ...model.bias!.dataSync()];
const withoutTime = (records: readonly MetricRecord[]): unknown[] =>
  records.map(({ step, epoch, split, metrics }) => {
    const timeless = Object.entries(metrics).filter(([name]) => name !== 'samplesPerSecond');
    return { step, epoch, split, metrics: Object.fromEntries(timeless) };
  });

const hasTensorflow = await chooseBackend('tensorflow').then(
  () => true,
  () => false,
);
// Without TensorFlow's library there is no such backend.
const backends = (['cpu', 'tensorflow'] as const).filter((name) => name !== 'tensorflow' || hasTensorflow);

describe.each(backends)('fit on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it('learns, and tells of it', async () => {
    const recorder = new Recorder();
    let validation = 10;
    const validate = () => Promise.resolve({ loss: --validation === 7 ? 100 : validation });
    const options = regression({ epochs: 15, listeners: [recorder], validate });
    const result = await fit(options);
    expect(result).toMatchObject({ status: 'completed', step: 60, epoch: 15, validation: { loss: -5 } });
    expect(result.samplesPerSecond).toBeGreaterThan(0);
    for (const [index, expected] of [3, -2, 0.5].entries())
      expect(Math.abs(weightsOf(options.model)[index]! - expected)).toBeLessThan(0.3);
    const train = recorder.records.filter(({ split, metrics }) => split === 'train' && 'error' in metrics);
    expect(train.slice(0, 3).map(({ step, epoch }) => [step, epoch])).toEqual([
      [3, 1],
      [4, 1],
      [6, 2],
    ]);
    expect(train.at(-1)!.metrics.loss!).toBeLessThan(train[0]!.metrics.loss! / 10);
    const { loss, error, penalty, learningRate } = train[0]!.metrics;
    expect(loss).toBeCloseTo(error! + penalty!, 5);
    expect(learningRate).toBe(options.schedule(2));
    expect(recorder.records.filter(({ split }) => split === 'validation')).toHaveLength(15);
    expect(recorder.checkpoints.map(({ isBest }) => isBest).slice(0, 4)).toEqual([true, true, false, true]);
    expect(recorder.progress[0]).toMatchObject({ steps: 60, epochs: 15 });
  });

  it('gives the means of an epoch, each batch weighing its examples', async () => {
    const recorder = new Recorder();
    const options = regression({ epochs: 1, listeners: [recorder] });
    const loss: Options['loss'] = (batch, context) => {
      return { ...options.loss(batch, context), size: tf.scalar(batch.inputs.size / 2) };
    };
    await fit({ ...options, loss });
    expect(recorder.records.at(-1)!.metrics.epochSize).toBeCloseTo((3 * 6 * 6 + 2 * 2) / 20, 6);
  });

  it('names a parameter that the loss leaves out, and a term that is no scalar', async () => {
    const options = regression();
    const weightAlone: Options['loss'] = () => ({ loss: tf.sum(options.model.weight) });
    await expect(fit({ ...options, loss: weightAlone })).rejects.toThrow(
      'gradient: the loss does not depend on parameter "bias"',
    );
    const vector: Options['loss'] = (batch, context) => ({ ...options.loss(batch, context), error: batch.targets });
    await expect(fit({ ...options, loss: vector })).rejects.toThrow('loss term "error": expected a scalar');
  });

  it('leaves no tensor behind', async () => {
    const options = regression({ epochs: 1, maxGradientNorm: 1 });
    const before = tf.memory().numTensors;
    await fit(options);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('counts steps instead of epochs where asked', async () => {
    const recorder = new Recorder();
    const result = await fit(regression({ steps: 6, listeners: [recorder] }));
    expect(result).toMatchObject({ status: 'completed', step: 6, epoch: 2 });
    expect(recorder.checkpoints.map(({ step }) => step)).toEqual([4, 6]);
  });

  it.each([3, 4, 10])('goes on exactly after a stop at step %i', async (stopAt) => {
    const whole = new Recorder();
    const uninterrupted = regression({ listeners: [whole] });
    await fit(uninterrupted);

    const controller = new AbortController();
    const recorder = new Recorder();
    let steps = 0;
    const first = regression({ listeners: [recorder], signal: controller.signal });
    const stopped = await fit({
      ...first,
      loss: (batch, context) => {
        if (++steps === stopAt) controller.abort();
        return first.loss(batch, context);
      },
    });
    expect(stopped).toMatchObject({ status: 'stopped', step: stopAt });
    const second = regression({ listeners: [recorder], resume: recorder.checkpoints.at(-1)! });
    expect(await fit(second)).toMatchObject({ status: 'completed', step: 20 });
    expect(weightsOf(second.model)).toEqual(weightsOf(uninterrupted.model));
    const epochs = (records: readonly MetricRecord[]) =>
      withoutTime(records.filter(({ metrics }) => 'epochLoss' in metrics));
    expect(epochs(recorder.records)).toEqual(epochs(whole.records));
  });

  it('stops at numbers that are none, naming step and term, and frees what it held', async () => {
    const options = regression({ logEverySteps: 4 });
    let steps = 0;
    const failing = fit({
      ...options,
      loss: (batch, context) => {
        const { loss, error, penalty } = options.loss(batch, context);
        return { loss, error: error!, penalty: ++steps < 7 ? penalty! : tf.scalar(NaN) };
      },
    });
    await expect(failing).rejects.toThrow(NonFiniteLossError);
    await expect(failing).rejects.toThrow('step 7: expected a finite penalty, got NaN');
  });

  it('lets events run while it trains', async () => {
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    });
    const result = await fit(
      regression({ epochs: 1_000_000, schedule: constantSchedule(1e-3), signal: controller.signal }),
    );
    expect(result.status).toBe('stopped');
  });

  it('gives its step to the compiler', async () => {
    let calls = 0;
    const options = regression({
      epochs: 1,
      compile: (step) => (batch, stepInputs) => {
        calls++;
        return step(batch, stepInputs);
      },
    });
    await fit(options);
    expect(calls).toBe(4);
  });

  it('refuses a state that it did not save', async () => {
    expect(() => parseTrainingState({ step: -1 })).toThrow(/^training state: step /);
    const { model, optimizer } = regression();
    const resume = { weights: model.stateDict(), optimizer: optimizer.stateDict(), state: 'none' };
    await expect(fit(regression({ resume }))).rejects.toThrow('training state: ');
  });
});
