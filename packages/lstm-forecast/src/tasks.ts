import type { Module, StateDict, TensorRunContext } from '@motley/core';
import { type MetricRecord, UserError, type TrainingResult } from '@motley/run';
import type { Figure } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { ForecastConfig } from './config.ts';
import { loadData, type SeriesData } from './data.ts';
import {
  baselineErrors,
  baselinesOf,
  evaluateSeries,
  evaluateSymbols,
  summaryOf,
  symbolBaselines,
} from './evaluate.ts';
import { drawFigures, learningCurve } from './figures.ts';
import type { SeriesForecaster, SymbolPredictor } from './model.ts';
import { forecastFrom, type Forecasts } from './predict.ts';
import type { ForecastErrors } from './series/errors.ts';
import { parseMoment } from './series/moments.ts';
import { timeAt, type Series } from './series/series.ts';
import type { SymbolData } from './symbols.ts';
import { createForecaster, createLine, createPredictor, trainForecaster, trainPredictor } from './train.ts';

/** What was measured on the test part, and what is to be written of it. */
export interface Report {
  readonly metrics: Record<string, number>;
  readonly baselines: Record<string, Record<string, number>>;
  readonly figures: Record<string, Figure>;
  /** CSV, by file name. */
  readonly tables: Record<string, string>;
}

/** A trained model with the data it is for. */
export interface TrainedTask {
  readonly model: Module;
  report(records: readonly MetricRecord[]): Promise<Report>;
  /**
   * A forecast as the lines of a CSV.
   * @param start the first step to forecast: a step's number or a moment; by default the first after the series' end
   * @throws UserError where there is no such step, or not enough is known of it
   */
  predict(start: string): Promise<readonly string[]>;
}

/** What there is to train. */
export interface Task {
  train(surroundings: TensorRunContext): Promise<{ readonly trained: TrainedTask; readonly result: TrainingResult }>;
  restore(weights: StateDict): TrainedTask;
}

/**
 * The task of a configuration.
 * @param path the user's file
 * @throws UserError where the data are not what they should be
 */
export async function loadTask(config: ForecastConfig, path: string | undefined): Promise<Task> {
  const data = await loadData(config, { path });
  return data.kind === 'symbols' ? symbolTask(config, data) : seriesTask(config, data, path);
}

function seriesTask(config: ForecastConfig, data: SeriesData, path: string | undefined): Task {
  const finished = (model: SeriesForecaster): TrainedTask => ({
    model,
    report: (records) => reportSeries(model, data, config, records),
    predict: (start) => predictSeries(model, data, config, path, start),
  });
  return {
    train: async (surroundings) => {
      const { model, result } = await trainForecaster(config, data, surroundings);
      return { trained: finished(model), result };
    },
    restore: (weights) => finished(loaded(createForecaster(config, data), weights)),
  };
}

function symbolTask(config: ForecastConfig, data: SymbolData): Task {
  const finished = (model: SymbolPredictor): TrainedTask => ({
    model,
    report: async (records) => ({
      metrics: await evaluateSymbols(model, data.test, data.chain),
      baselines: symbolBaselines(data, config.evaluation.ridgeLags),
      figures: records.length === 0 ? {} : { 'learning-curve': learningCurve(records, data.chain.entropyRateInNats) },
      tables: {},
    }),
    predict: (start) => predictSymbol(model, data, start),
  });
  return {
    train: async (surroundings) => {
      const { model, result } = await trainPredictor(config, data, surroundings);
      return { trained: finished(model), result };
    },
    restore: (weights) => finished(loaded(createPredictor(config, data), weights)),
  };
}

function loaded<Model extends Module>(model: Model, weights: StateDict): Model {
  model.loadStateDict(weights);
  return model.eval();
}

async function reportSeries(
  model: SeriesForecaster,
  data: SeriesData,
  config: ForecastConfig,
  records: readonly MetricRecord[],
): Promise<Report> {
  const evaluation = await evaluateSeries(model, data, config);
  const line = await lineErrors(data, config);
  const others = { ...(line && { linear: line }), ...baselineErrors(data, config) };
  const { ridge, optimum } = baselinesOf(data, config);
  const rivals = { ridge: ridge!, ...(optimum && { optimum }) };
  const scale = Math.sqrt(evaluation.metrics.rmse! ** 2 / evaluation.metrics.scaledMse!);
  return {
    metrics: evaluation.metrics,
    baselines: Object.fromEntries(Object.entries(others).map(([name, errors]) => [name, summaryOf(errors, scale)])),
    figures: drawFigures({ evaluation, data, config, baselineErrors: others, rivals, records }),
    tables: { 'errors-by-horizon.csv': errorsTable({ lstm: evaluation.errors, ...others }) },
  };
}

/** Of what the network's training began with. */
async function lineErrors(data: SeriesData, config: ForecastConfig): Promise<ForecastErrors | undefined> {
  const line = await createLine(config, data);
  if (line === undefined) return undefined;
  const { errors } = await evaluateSeries(line, data, config);
  line.dispose();
  return errors;
}

/** RMSE and MAE of everybody, a row for each number of steps ahead. */
function errorsTable(errors: Readonly<Record<string, ForecastErrors>>): string {
  const [first] = Object.values(errors);
  const header = ['steps_ahead', ...Object.keys(errors).flatMap((name) => [`${name}_rmse`, `${name}_mae`])];
  const rows = Array.from(first!.meanAbsoluteErrors, (_, step) =>
    [
      step + 1,
      ...Object.values(errors).flatMap(({ rootMeanSquaredErrors, meanAbsoluteErrors }) => [
        rootMeanSquaredErrors[step]!,
        meanAbsoluteErrors[step]!,
      ]),
    ].join(','),
  );
  return `${[header.join(','), ...rows].join('\n')}\n`;
}

async function predictSeries(
  model: SeriesForecaster,
  { series: measured }: SeriesData,
  config: ForecastConfig,
  path: string | undefined,
  given: string,
): Promise<string[]> {
  const { window, horizon } = config.model;
  const start = given === '' ? measured.length : stepOf(measured, given);
  if (start < window || start > measured.length)
    throw new UserError(
      `--start: expected a step from ${window} to ${measured.length}, ${momentAt(measured, window)} to ${momentAt(measured, measured.length)}, got ${given === '' ? 'the end' : given}`,
    );
  const beyond = Math.max(0, start + horizon - measured.length);
  const data = beyond === 0 ? { series: measured } : ((await loadData(config, { path, beyond })) as SeriesData);
  const prepared = await model.preparation.apply(data.series);
  const forecasts = await forecastFrom(model, prepared, [start]);
  return predictionOf(forecasts, data.series);
}

/** A step by its number or its moment. */
function stepOf(series: Series, given: string): number {
  if (/^\d{1,9}$/.test(given)) return Number(given);
  const moment = parseMoment(given);
  for (let step = 0; step <= series.length; step++) if (timeAt(series, step) === moment) return step;
  throw new UserError(
    `--start: expected a step's number or moment, ${momentAt(series, 0)} to ${momentAt(series, series.length)}, got ${JSON.stringify(given)}`,
  );
}

function momentAt(series: Series, step: number): string {
  return new Date(timeAt(series, step) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

function predictionOf({ starts, horizon, levels, mean, quantiles }: Forecasts, series: Series): string[] {
  const rows = Array.from({ length: horizon }, (_, step) => [
    momentAt(series, starts[0]! + step),
    ...[mean[step]!, ...quantiles.subarray(step * levels.length, (step + 1) * levels.length)].map((value) =>
      Number(value.toPrecision(6)),
    ),
  ]);
  return [['time', 'mean', ...levels.map((level) => `quantile_${level}`)], ...rows].map((row) => row.join(','));
}

/** The symbol after the last window of the test part, beside what the chain says of it. */
async function predictSymbol(model: SymbolPredictor, { chain, test }: SymbolData, start: string): Promise<string[]> {
  if (start !== '') throw new UserError(`--start: expected none for the problem markov, got ${JSON.stringify(start)}`);
  const { window, symbols, next } = test;
  const last = symbols.subarray(symbols.length - window);
  const answer = tf.tidy(() => {
    const logits = model.forward(tf.tensor2d(last, [1, window], 'int32'));
    return tf.softmax(tf.slice(logits, [0, window - 1, 0], [1, 1, -1]));
  });
  const probabilities = await answer.data<'float32'>();
  answer.dispose();
  const truth = chain.transitions[last[window - chain.delay]!]!;
  return [
    ['symbol', 'probability', 'true_probability', 'came'],
    ...truth.map((probability, symbol) => [
      symbol,
      probabilities[symbol]!.toFixed(4),
      probability.toFixed(4),
      next.at(-1) === symbol ? 1 : 0,
    ]),
  ].map((row) => row.join(','));
}
