import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import type { MetricRecord } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { baselineSummaries, compare } from './comparison.ts';
import { config } from './config.ts';
import { evaluate, meanLoss } from './evaluate.ts';
import { forecastFrom } from './predict.ts';
import type { Series } from './series/series.ts';
import { waveData, waves } from './testing/series.ts';
import { createModel, restoreModel, train } from './train.ts';

const small = [
  'model.window=12',
  'model.horizon=6',
  'model.units=12',
  'training.batchSize=16',
  'training.learningRate=0.02',
  'training.warmupSteps=5',
  'training.steps=80',
  'training.validateEverySteps=40',
  'evaluation.startStride=5',
  'features.calendar=day',
];
const { describeOn } = await nativeGate(() => chooseBackend('tensorflow'));

describeOn(['cpu', 'tensorflow'], 'training on %s', (backend) => {
  it.each(['recursive', 'direct'])('%s: beats persistence, and leaks no tensors', async (forecast) => {
    await chooseBackend(backend);
    const before = tf.memory().numTensors;
    const settings = config.resolve({ set: [...small, `model.forecast=${forecast}`, 'loss.lagNoise=0.1'] });
    const data = waveData(600);
    const { model, result } = await train(settings, data);
    expect(result).toMatchObject({ status: 'completed', steps: 80 });
    expect(tf.memory().numTensors).toBe(before + model.namedParameters().size + model.namedBuffers().size);
    const untrained = createModel(settings, data);
    const scaled = await untrained.scaler.apply(data.series);
    const [first, last] = [
      await meanLoss(untrained, scaled, data, 'test', settings),
      await meanLoss(model, scaled, data, 'test', settings),
    ];
    expect(last.loss).toBeLessThan(0.6 * first.loss!);
    const comparison = await compare(model, data, settings);
    const { errors, metrics } = comparison.evaluation;
    const { persistence } = comparison.baselineErrors;
    expect(errors.rootMeanSquaredError).toBeLessThan(0.6 * persistence!.rootMeanSquaredError);
    expect(baselineSummaries(comparison).persistence!.rmse).toBe(persistence!.rootMeanSquaredError);
    expect(metrics.rmse).toBe(errors.rootMeanSquaredError);
    expect(metrics.scaledMse).toBeCloseTo((metrics.rmse! / scaled.target.scale) ** 2, 8);
    expect(metrics.coverage90).toBeGreaterThan(metrics.coverage50!);
    const weights = model.stateDict();
    const restored = restoreModel(settings, data, weights);
    expect((await evaluate(restored, data, settings)).metrics).toEqual(metrics);
    tf.dispose(weights);
    for (const each of [model, untrained, restored]) each.dispose();
  });
});

describe('the noise on the last value', () => {
  /** Losses of an epoch of three steps and of the first step after it. */
  const losses = async (...loss: string[]): Promise<number[]> => {
    const training = ['stepsPerEpoch=3', 'steps=4', 'logEverySteps=1', 'learningRate=1e-9'];
    const set = [...small, ...training.map((field) => `training.${field}`), ...loss];
    const records: MetricRecord[] = [];
    const listener = { onMetrics: (record: MetricRecord) => void records.push(record) };
    const { model } = await train(config.resolve({ set }), waveData(300), { listeners: [listener] });
    model.dispose();
    return records.filter(({ split }) => split === 'train').flatMap(({ metrics }) => metrics.loss ?? []);
  };

  it('rises from zero over the first epoch', async () => {
    await chooseBackend('cpu');
    const without = await losses();
    const rising = await losses('loss.lagNoise=1');
    const whole = await losses('loss.lagNoise=1', 'loss.lagNoiseRiseInEpochs=0');
    expect(without).toHaveLength(4);
    expect(rising[0]).toBe(without[0]);
    for (const step of [1, 2]) {
      expect(rising[step]).toBeGreaterThan(without[step]!);
      expect(rising[step]).toBeLessThan(whole[step]!);
    }
    expect(rising[3]).toBeCloseTo(whole[3]!, 6);
    expect(whole[3]).toBeGreaterThan(1.1 * without[3]!);
  });
});

describe('a forecast', () => {
  beforeAll(() => chooseBackend('cpu'));
  const settings = config.resolve({ set: small });
  const data = waveData(600);
  const start = 550;

  /** Other values from the start on, except for covariates known ahead. */
  const withAnotherFuture = (series: Series): Series => {
    const other = waves(600, 99);
    const replaced = (values: Float64Array, by: Float64Array): Float64Array =>
      values.map((value, step) => (step < start ? value : by[step]! * 3));
    return {
      ...series,
      target: replaced(series.target, other.target),
      covariates: { ...series.covariates, echo: replaced(series.covariates.echo!, other.covariates.echo!) },
    };
  };

  it.each(['recursive', 'direct'])('%s: does not depend on the future, bit for bit', async (forecast) => {
    const model = createModel({ ...settings, model: { ...settings.model, forecast: forecast as 'direct' } }, data);
    const forecastOf = async (series: Series) => forecastFrom(model, await model.scaler.apply(series), [start]);
    const known = await forecastOf(data.series);
    const changed = withAnotherFuture(data.series);
    expect(changed.target[start]).not.toBe(data.series.target[start]);
    const unchanged = await forecastOf(changed);
    expect(unchanged.mean).toEqual(known.mean);
    expect(unchanged.quantiles).toEqual(known.quantiles);
    // The past and the covariates known ahead do matter.
    const target = data.series.target.map((value, step) => (step === start - 1 ? value + 1 : value));
    expect((await forecastOf({ ...data.series, target })).mean).not.toEqual(known.mean);
    const plan = data.series.covariates.plan!.map((value, step) => (step === start ? value + 1 : value));
    const replanned = { ...data.series, covariates: { ...data.series.covariates, plan } };
    expect((await forecastOf(replanned)).mean).not.toEqual(known.mean);
    model.dispose();
  });

  it('has a scaler that is fitted on the training part alone and kept in the checkpoint', async () => {
    const model = createModel(settings, data);
    const { training } = data.parts;
    const series = {
      ...data.series,
      target: data.series.target.map((value, step) => (step < training.to ? value : 1e6)),
    };
    const other = createModel(settings, { ...data, series });
    const state = model.stateDict();
    const otherState = other.stateDict();
    for (const name of ['low', 'high', 'offset', 'scale'])
      expect(otherState[`scaler.${name}`]!.dataSync()).toEqual(state[`scaler.${name}`]!.dataSync());
    const scaled = await model.scaler.apply(series);
    const bound = largest(scaled.observed.filter((_, index) => index % 2 === 0));
    expect(bound).toBeLessThan(3);
    tf.dispose([state, otherState]);
    model.dispose();
    other.dispose();
  });
});
