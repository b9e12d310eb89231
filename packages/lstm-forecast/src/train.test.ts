import { chooseBackend } from '@motley/core/node';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { baselineErrors, evaluateSeries, evaluateSymbols, measure, symbolBaselines } from './evaluate.ts';
import { forecastFrom } from './predict.ts';
import type { Series } from './series/series.ts';
import { generateSymbols } from './symbols.ts';
import { waveData, waves } from './testing/series.ts';
import { createForecaster, trainForecaster, trainPredictor } from './train.ts';

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
const { hasNative, describeOn } = await nativeGate(() => chooseBackend('tensorflow'));

describeOn(['cpu', 'tensorflow'], 'training on %s', (backend) => {
  it.each(['recursive', 'direct'])(
    '%s: learns more than persistence knows, and leaves its model alone behind',
    async (forecast) => {
      await chooseBackend(backend);
      const before = tf.memory().numTensors;
      const settings = config.resolve({ set: [...small, `model.forecast=${forecast}`, 'loss.lagNoise=0.1'] });
      const data = waveData(600);
      const { model, result } = await trainForecaster(settings, data);
      expect(result).toMatchObject({ status: 'completed', steps: 80 });
      expect(tf.memory().numTensors).toBe(before + model.namedParameters().size + model.namedBuffers().size);
      const untrained = createForecaster(settings, data);
      const prepared = await untrained.preparation.apply(data.series);
      const [first, last] = [
        await measure(untrained, prepared, data, 'test', settings),
        await measure(model, prepared, data, 'test', settings),
      ];
      expect(last.loss).toBeLessThan(0.6 * first.loss!);
      const { errors, metrics } = await evaluateSeries(model, data, settings);
      expect(errors.rootMeanSquaredError).toBeLessThan(
        0.6 * baselineErrors(data, settings).persistence!.rootMeanSquaredError,
      );
      expect(metrics.rmse).toBe(errors.rootMeanSquaredError);
      expect(metrics.scaledMse).toBeCloseTo((metrics.rmse! / prepared.target.scale) ** 2, 8);
      expect(metrics.coverage90).toBeGreaterThan(metrics.coverage50!);
      model.dispose();
      untrained.dispose();
    },
  );
});

describe('a forecast and the future', () => {
  beforeAll(() => chooseBackend('cpu'));
  const settings = config.resolve({ set: small });
  const data = waveData(600);
  const start = 550;

  /** Everything from the start on is another, but what is known ahead. */
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

  it.each(['recursive', 'direct'])('%s: stays the same to the last bit whatever comes', async (forecast) => {
    const model = createForecaster({ ...settings, model: { ...settings.model, forecast: forecast as 'direct' } }, data);
    const forecastOf = async (series: Series) => forecastFrom(model, await model.preparation.apply(series), [start]);
    const known = await forecastOf(data.series);
    const changed = withAnotherFuture(data.series);
    expect(changed.target[start]).not.toBe(data.series.target[start]);
    const unchanged = await forecastOf(changed);
    expect(unchanged.mean).toEqual(known.mean);
    expect(unchanged.quantiles).toEqual(known.quantiles);
    // What was before counts, and so does what is known ahead.
    const target = data.series.target.map((value, step) => (step === start - 1 ? value + 1 : value));
    expect((await forecastOf({ ...data.series, target })).mean).not.toEqual(known.mean);
    const plan = data.series.covariates.plan!.map((value, step) => (step === start ? value + 1 : value));
    const replanned = { ...data.series, covariates: { ...data.series.covariates, plan } };
    expect((await forecastOf(replanned)).mean).not.toEqual(known.mean);
    model.dispose();
  });

  it('has a preparation that is learnt of the training part alone, and that a checkpoint holds', async () => {
    const model = createForecaster(settings, data);
    const { training } = data.parts;
    const series = {
      ...data.series,
      target: data.series.target.map((value, step) => (step < training.to ? value : 1e6)),
    };
    const other = createForecaster(settings, { ...data, series });
    const state = model.stateDict();
    const otherState = other.stateDict();
    for (const name of ['low', 'high', 'offset', 'scale'])
      expect(otherState[`preparation.${name}`]!.dataSync()).toEqual(state[`preparation.${name}`]!.dataSync());
    const prepared = await model.preparation.apply(series);
    const bound = Math.max(...prepared.observed.filter((_, index) => index % 2 === 0));
    expect(bound).toBeLessThan(3);
    tf.dispose([state, otherState]);
    model.dispose();
    other.dispose();
  });
});

describe('symbols', () => {
  it('come to be known nearly as well as they can be', async () => {
    await chooseBackend(hasNative ? 'tensorflow' : 'cpu');
    const settings = config.resolve({
      preset: 'markov',
      set: [
        'data.delay=3',
        'data.length=40000',
        'model.window=12',
        'model.units=16',
        'training.steps=300',
        'training.stepsPerCall=1',
        'training.learningRate=0.005',
        'loss.headRateFactor=30',
        'training.batchSize=32',
      ],
    });
    const data = generateSymbols(settings);
    const { model, result } = await trainPredictor(settings, data);
    const { optimum, persistence, linear } = symbolBaselines(data, 2);
    const test = await evaluateSymbols(model, data.test, data.chain);
    expect(test).toEqual(result.metrics.test);
    expect(test.loss! - optimum!.loss).toBeLessThan(0.05);
    expect(test.loss! - optimum!.loss).toBeGreaterThan(-0.002);
    expect(optimum!.accuracy - test.accuracy!).toBeLessThan(0.01);
    // Two steps say nothing of a series whose delay is three.
    expect(linear!.loss).toBeGreaterThan(test.loss! + 0.3);
    expect(persistence!.loss).toBeGreaterThan(test.loss! + 0.3);
    model.dispose();
  });

  it('need a window that is longer than the delay, and enough of them', () => {
    const settings = (set: string[]) => config.resolve({ preset: 'markov', set });
    expect(() => generateSymbols(settings(['data.delay=150']))).toThrow(
      'model.window: expected more than the delay of 150',
    );
    expect(() => generateSymbols(settings(['data.length=900']))).toThrow(
      'data.length: expected at least a window of 130 steps',
    );
  });
});
