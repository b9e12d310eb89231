import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import type { MetricRecord } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { seasonalNaive } from './baselines/index.ts';
import { fitPath } from './combination/start.ts';
import { baselineSummaries, compare } from './comparison.ts';
import type { SeriesData } from './data.ts';
import { evaluate, meanLoss, startsOf } from './evaluate.ts';
import { forecastFrom } from './predict.ts';
import { errorsOf, forecastErrors } from './series/errors.ts';
import type { Series } from './series/series.ts';
import { dataOf, settingsOf, waveData, waves } from './testing/series.ts';
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
  it.each(['recursive', 'direct', 'corrected'])('%s: beats persistence, and leaks no tensors', async (forecast) => {
    await chooseBackend(backend);
    const before = tf.memory().numTensors;
    const settings = settingsOf([...small, `model.forecast=${forecast}`, 'loss.lagNoise=0.1']);
    const data = waveData(600);
    const { model, result } = await train(settings, data);
    expect(result).toMatchObject({ status: 'completed', steps: 80 });
    expect(tf.memory().numTensors).toBe(before + model.namedParameters().size + model.namedBuffers().size);
    const untrained = createModel(
      settings,
      data,
      forecast === 'corrected' ? fitPath(data, settings.model).path : undefined,
    );
    const scaled = await untrained.scale(data.series);
    const [first, last] = [
      await meanLoss(untrained, scaled, data, 'test', settings),
      await meanLoss(model, scaled, data, 'test', settings),
    ];
    // The start of a correction has the linear methods' forecasts already.
    expect(last.loss).toBeLessThan((forecast === 'corrected' ? 1 : 0.6) * first.loss!);
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

describe('a corrected forecast', () => {
  const settings = (data: SeriesData, ...more: string[]) =>
    settingsOf([...small, 'model.forecast=corrected', 'model.skip=true', 'features.clip=0', ...more], data);

  it('keeps its start where the network makes validation worse', async () => {
    await chooseBackend('cpu');
    const data = waveData(300);
    const spoiling = settings(data, 'training.learningRate=5', 'training.steps=10', 'training.validateEverySteps=5');
    const { model, result } = await train(spoiling, data);
    expect(result.bestStep).toBe(0);
    const { errors } = await evaluate(model, data, spoiling);
    const { from } = (await model.scale(data.series)).corrected!;
    const linear = errorsOf(data.series, startsOf(data, 'test', spoiling), 6, from);
    expect(errors.rootMeanSquaredError).toBeCloseTo(linear.rootMeanSquaredError, 5);
    model.dispose();
  });

  it.each([1, 1e6, 1e9])('of values around %d times the signal is as good', async (level) => {
    await chooseBackend('cpu');
    const { series } = waveData(300);
    const data = dataOf({ ...series, target: series.target.map((value, step) => value + level + step / 10) });
    const own = settings(data);
    const { model } = await train(own, data);
    const { errors } = await evaluate(model, data, own);
    const starts = startsOf(data, 'test', own);
    const naive = forecastErrors(seasonalNaive(12), data.series, starts, 6);
    expect(errors.rootMeanSquaredError).toBeLessThan(naive.rootMeanSquaredError);
    model.dispose();
  });

  it('of a wave without noise is finite and exact', async () => {
    await chooseBackend('cpu');
    const { series } = waveData(300);
    const data = dataOf({ ...series, target: series.target.map((_, step) => Math.sin((2 * Math.PI * step) / 12)) });
    const own = settings(data, 'training.steps=4');
    const { model } = await train(own, data);
    const { errors } = await evaluate(model, data, own);
    expect(errors.rootMeanSquaredError).toBeLessThan(0.01);
    model.dispose();
  });

  it('is measured on all values, and none is clipped', async () => {
    await chooseBackend('cpu');
    const { series, parts } = waveData(300);
    const jump = parts.test.from + 3;
    const data = dataOf({
      ...series,
      target: series.target.map((value, step) => (step < jump ? value : value + 1000) - 20),
    });
    for (const forecast of ['corrected', 'recursive']) {
      const own = settings(data, `model.forecast=${forecast}`, 'features.clip=0.01', 'training.steps=2');
      const { model } = await train(own, data);
      const scaled = await model.scale(data.series);
      const { meanSquaredError } = await meanLoss(model, scaled, data, 'test', own);
      const { errors } = await evaluate(model, data, own);
      const scale = scaled.corrected?.errorUnit(jump) ?? scaled.target.scale;
      expect(errors.rootMeanSquaredError).toBeGreaterThan(100);
      expect(meanSquaredError! / (errors.rootMeanSquaredError / scale) ** 2).toBeCloseTo(1, 3);
      model.dispose();
    }
  });
});

describe('the noise on the last value', () => {
  /** Losses of an epoch of three steps and of the first step after it. */
  const losses = async (...loss: string[]): Promise<number[]> => {
    const training = ['stepsPerEpoch=3', 'steps=4', 'logEverySteps=1', 'learningRate=1e-9'];
    const set = [...small, ...training.map((field) => `training.${field}`), ...loss];
    const records: MetricRecord[] = [];
    const listener = { onMetrics: (record: MetricRecord) => void records.push(record) };
    const { model } = await train(settingsOf(set), waveData(300), { listeners: [listener] });
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
  const settings = settingsOf(small);
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

  it.each(['recursive', 'direct', 'corrected'])('%s: does not depend on the future, bit for bit', async (forecast) => {
    const path = forecast === 'corrected' ? fitPath(data, settings.model).path : undefined;
    const model = createModel(
      { ...settings, model: { ...settings.model, forecast: forecast as 'direct' } },
      data,
      path,
    );
    const forecastOf = async (series: Series) => forecastFrom(model, await model.scale(series), [start]);
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
    const scaled = await model.scale(series);
    const bound = largest(scaled.observed.filter((_, index) => index % 2 === 0));
    expect(bound).toBeLessThan(3);
    tf.dispose([state, otherState]);
    model.dispose();
    other.dispose();
  });
});
