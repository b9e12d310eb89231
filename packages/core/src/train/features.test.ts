import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeTensors } from '../checkpoint/tensors.ts';
import { Linear } from '../nn/linear.ts';
import { chooseBackend } from '../node/backend.ts';
import reference from '../optim/reference.json' with { type: 'json' };
import { Sgd } from '../optim/sgd.ts';
import { RandomStream } from '../random/random-stream.ts';
import { describeOn } from '../testing/native.ts';
import { meanTerms } from './evaluation.ts';
import { fit } from './fit.ts';
import {
  BACKENDS,
  Recorder,
  regression,
  regressionBatches,
  tokenRegression,
  valuesIn,
  weightsOf,
  type Options,
} from './testing.ts';

const expectClose = (found: readonly number[], expected: readonly number[], tolerance: number): void => {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) expect(Math.abs(found[index]! - value)).toBeLessThan(tolerance);
};
const noiseless = (model: Linear): Options['loss'] => {
  return (batch) => ({ loss: tf.mean<tf.Tensor>(tf.squaredDifference(model.forward(batch.inputs), batch.targets)) });
};

describeOn(BACKENDS, 'fit on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it('accumulates batches to the result of one large batch, including the last of an epoch', async () => {
    const train = async (batchSize: number, accumulationSteps: number): Promise<number[]> => {
      const options = regression({ trainingBatches: regressionBatches(batchSize), accumulationSteps, epochs: 3 });
      const result = await fit({ ...options, loss: noiseless(options.model), maxGradientNorm: 1, logEverySteps: 2 });
      expect(result).toMatchObject({ steps: 6, epochs: 3 });
      return weightsOf(options.model);
    };
    // 20 examples: batches of 16 and 4, or four batches of 5 and accumulation; both make two updates per epoch.
    expectClose(await train(5, 3), await train(15, 1), 1e-5);
  });

  it('accumulates means over tokens to the mean of one large batch', async () => {
    const train = async (batchSize: number, accumulationSteps: number) => {
      const recorder = new Recorder();
      const options = tokenRegression(batchSize);
      const result = await fit({ ...options, accumulationSteps, epochs: 3, logEverySteps: 1, listeners: [recorder] });
      expect(result).toMatchObject({ steps: 6, epochs: 3 });
      const losses = recorder.records.flatMap(({ metrics: { loss } }) => loss ?? []);
      return { weights: weightsOf(options.model), losses };
    };
    const [parts, whole] = [await train(5, 3), await train(15, 1)];
    expectClose(parts.weights, whole.weights, 1e-5);
    expectClose(parts.losses, whole.losses, 1e-5);
  });

  it('weights the batches of an evaluation by what they count', async () => {
    const before = tf.memory().numTensors;
    const [parts, whole] = [tokenRegression(6), tokenRegression(20)];
    const measure = ({ trainingBatches, loss, weightOf }: ReturnType<typeof tokenRegression>) =>
      meanTerms(trainingBatches, loss, { weightOf });
    const { loss } = await measure(whole);
    expectClose([(await measure(parts)).loss!], [loss!], 1e-5);
    for (const { model, optimizer } of [parts, whole]) {
      model.dispose();
      optimizer.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('logs accumulated batches as one, and the gradient norm once per update', async () => {
    const recorder = new Recorder();
    const options = regression({ trainingBatches: regressionBatches(5), accumulationSteps: 3, epochs: 1 });
    await fit({ ...options, maxGradientNorm: 100, listeners: [recorder] });
    const whole = new Recorder();
    const same = regression({ trainingBatches: regressionBatches(15), epochs: 1 });
    await fit({ ...same, loss: noiseless(same.model), maxGradientNorm: 100, listeners: [whole] });
    const [logged, expected] = [recorder, whole].map(({ records }) => records[0]!.metrics);
    expect(logged!.gradientNorm).toBeCloseTo(expected!.gradientNorm!, 1);
    expect(logged!.error).toBeCloseTo(expected!.loss!, 1);
  });

  it('evaluates and saves averaged weights, trains the original ones, and resumes exactly from both', async () => {
    const seen: number[][] = [];
    const train = async (epochs: number, changed: Partial<Options> = {}) => {
      const recorder = new Recorder();
      const options = regression({ emaDecay: 0.9, listeners: [recorder], ...changed, epochs });
      const validate = () => {
        seen.push(weightsOf(options.model));
        return Promise.resolve({ loss: 10 - seen.length });
      };
      await fit({ ...options, validate, sanityBatches: 0 });
      return { recorder, weights: weightsOf(options.model) };
    };
    const whole = await train(4);
    const last = whole.recorder.checkpoints.at(-1)!;
    expect(whole.weights).toEqual(seen.at(-1));
    expect(valuesIn(last.weights, 'weight')).toEqual(seen.at(-1)!.slice(0, 2));
    expect(valuesIn(last.optimizer, 'parameter.weight')).not.toEqual(valuesIn(last.weights, 'weight'));
    const { recorder } = await train(2);
    const resumed = await train(4, { resume: recorder.checkpoints.at(-1)! });
    expect(resumed.weights).toEqual(whole.weights);
    const bare = regression({ emaDecay: 0.9 });
    const slots = await encodeTensors(bare.optimizer.stateDict());
    const point = { ...recorder.checkpoints.at(-1)!, optimizer: slots };
    await expect(fit({ ...bare, resume: point })).rejects.toThrow('expected tensor "parameter.weight", found none');
  });

  it('averages weights as PyTorch does', async () => {
    const model = new Linear(3, 2, { random: RandomStream.fromSeed(1), bias: false });
    model.loadStateDict({ weight: tf.tensor2d([0.5, -1, 2, 0, 3, -0.25], [2, 3]) });
    let step = 0;
    // Gradient as in reference.py, sin(parameter · step) + 0.1, of a loss linear in the parameter.
    const loss = () => {
      step++;
      const gradient = tf.tensor(
        tf.tidy(() => tf.add(tf.sin(tf.mul(model.weight, step)), 0.1)).dataSync(),
        model.weight.shape,
      );
      return { loss: tf.sum<tf.Tensor>(tf.mul(model.weight, gradient)) };
    };
    const optimizer = new Sgd(model.namedParameters());
    const { trainingBatches } = regression({});
    await fit({
      model,
      optimizer,
      trainingBatches,
      loss,
      epochs: 1,
      steps: 5,
      seed: 0,
      emaDecay: 0.9,
      schedule: () => 0.1,
    });
    expectClose([...model.stateDict().weight!.dataSync()], reference.averaged, 1e-5);
  });

  it('ends with the best weights, and stops early once patience is exhausted', async () => {
    const losses = [5, 3, 4, 3.5, 1, 2];
    const seen: number[][] = [];
    const recorder = new Recorder();
    const options = regression({ epochs: 6, listeners: [recorder], sanityBatches: 0 });
    const validate = () => {
      seen.push(weightsOf(options.model));
      return Promise.resolve({ loss: losses[seen.length - 1]! });
    };
    let tested: number[] = [];
    const test = () => {
      tested = weightsOf(options.model);
      return Promise.resolve({ loss: 7 });
    };
    const result = await fit({ ...options, validate, test, earlyStoppingPatience: 2 });
    expect(result).toMatchObject({ status: 'completed', steps: 16, epochs: 4, bestStep: 8 });
    expect(result.metrics).toEqual({
      validation: { loss: 3.5 },
      bestValidation: { loss: losses[1] },
      test: { loss: 7 },
    });
    expect(weightsOf(options.model)).toEqual(seen[1]);
    expect(tested).toEqual(seen[1]);
    expect(recorder.records.at(-1)).toMatchObject({ split: 'test', step: 16, metrics: { loss: 7 } });
    expect(recorder.epochEnds).toEqual([1, 2, 3, 4]);

    // Resumed at its end, it reads the best weights from their checkpoint.
    const best = recorder.checkpoints[1]!;
    const loadBest = () => Promise.resolve(best.weights);
    const again = regression({ resume: { ...recorder.checkpoints.at(-1)!, loadBest } });
    const before = tf.memory().numTensors;
    const ended = await fit({ ...again, validate, earlyStoppingPatience: 2 });
    expect(ended).toMatchObject({ status: 'completed', steps: 16, bestStep: 8 });
    expect(weightsOf(again.model)).toEqual(seen[1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('validates every few steps, lowers the learning rate on a plateau, and resumes both', async () => {
    const train = async (steps: number, changed: Partial<Options> = {}) => {
      const recorder = new Recorder();
      const plateau = { schedule: 'plateau', learningRate: 0.1, plateauPatience: 0, decayFactor: 0.5 } as const;
      const options = regression({ ...plateau, logEverySteps: 1, steps, listeners: [recorder], ...changed });
      const validate = () => Promise.resolve({ loss: 1 });
      await fit({ ...options, validate, validateEverySteps: 3, sanityBatches: 0 });
      return recorder;
    };
    const whole = await train(9);
    expect(whole.checkpoints.map(({ step }) => step)).toEqual([3, 4, 6, 8, 9]);
    const rates = whole.records.flatMap(({ metrics }) => metrics.learningRate ?? []);
    expect(rates).toEqual([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05]);
    const resumed = await train(9, { resume: whole.checkpoints[3]! });
    expect(resumed.checkpoints.at(-1)!.state).toMatchObject({ schedule: { fraction: 0.25 }, best: { step: 3 } });
    expect(resumed.checkpoints.at(-1)!.weights).toEqual(whole.checkpoints.at(-1)!.weights);
  });

  it('saves and resumes within an epoch', async () => {
    const recorder = new Recorder();
    const options = regression({ epochs: 3, checkpointEverySteps: 3, listeners: [recorder] });
    await fit(options);
    expect(recorder.checkpoints.map(({ step }) => step)).toEqual([3, 4, 6, 8, 9, 12]);
    const middle = recorder.checkpoints[2]!;
    expect(middle.state).toMatchObject({ step: 6, epoch: 1, batch: 2 });
    const again = new Recorder();
    const resumed = regression({ epochs: 3, checkpointEverySteps: 3, listeners: [again], resume: middle });
    await fit(resumed);
    expect(weightsOf(resumed.model)).toEqual(weightsOf(options.model));
    const epochLoss = ({ records }: Recorder) => records.findLast(({ step }) => step === 8)!.metrics.epochLoss;
    expect(epochLoss(again)).toBe(epochLoss(recorder));
  });

  it('overfits one batch', async () => {
    const options = regression({ overfitOneBatch: true, epochs: 15 });
    const losses: number[] = [];
    const batches: string[] = [];
    const loss: Options['loss'] = (batch, context) => {
      batches.push(batch.inputs.dataSync().join());
      return options.loss(batch, context);
    };
    const listener = {
      onMetrics: ({ metrics }: { metrics: Record<string, number> }) => losses.push(metrics.loss ?? NaN),
    };
    const validate = () => Promise.reject(new Error('there is nothing to validate'));
    const result = await fit({ ...options, loss, listeners: [listener as never], validate, test: validate });
    expect(new Set(batches).size).toBe(1);
    expect(losses.at(-2)).toBeLessThan(losses[0]! / 100);
    expect(Object.keys(result.metrics)).toEqual(['train']);
  });

  it('leaks no tensors', async () => {
    const options = regression({ epochs: 2, maxGradientNorm: 1, maxGradientValue: 0.5, emaDecay: 0.9 });
    const before = tf.memory().numTensors;
    await fit({
      ...options,
      accumulationSteps: 3,
      checkpointEverySteps: 1,
      validate: () => Promise.resolve({ loss: 1 }),
    });
    await fit({ ...options, optimizer: 'lion', learningRate: 0.01, schedule: 'plateau', overfitOneBatch: true });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('fit', () => {
  it('refuses settings that do not fit the data, and metrics without a loss', async () => {
    await chooseBackend('cpu');
    await expect(fit(regression({ stepsPerEpoch: 5 }))).rejects.toThrow(
      'training.stepsPerEpoch: expected at most the 4 of the data, got 5',
    );
    await expect(fit(regression({ stepsPerCall: 2, accumulationSteps: 3 }))).rejects.toThrow(
      'training.stepsPerCall: expected 1 with accumulationSteps 3, got 2',
    );
    const accurate = regression({ validate: () => Promise.resolve({ accuracy: 1 }) });
    await expect(fit(accurate)).rejects.toThrow(
      'validation before the first step: expected a figure named "loss", got none',
    );
  });

  it('shortens epochs where requested', async () => {
    const recorder = new Recorder();
    const result = await fit(regression({ stepsPerEpoch: 3, epochs: 2, listeners: [recorder] }));
    expect(result).toMatchObject({ steps: 6, epochs: 2 });
    expect(recorder.epochEnds).toEqual([1, 2]);
  });

  it('validates a few batches before the first step', async () => {
    const limits: unknown[] = [];
    const options = regression({ epochs: 1, sanityBatches: 3 });
    const validate: Options['validate'] = (limit) => {
      limits.push(limit);
      expect(options.model.training).toBe(false);
      return Promise.resolve({ loss: 1 });
    };
    await fit({ ...options, validate });
    expect(limits).toEqual([{ maxBatches: 3 }, {}]);
    const failing = regression({ validate: () => Promise.resolve({ loss: NaN }) });
    const before = weightsOf(failing.model);
    await expect(fit(failing)).rejects.toThrow('validation before the first step: expected a finite loss, got NaN');
    expect(weightsOf(failing.model)).toEqual(before);
  });
});
