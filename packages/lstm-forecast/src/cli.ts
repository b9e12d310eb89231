#!/usr/bin/env node
import { join } from 'node:path';
import { runCommandLine, type TrainedCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { readMetrics, type RunFolder, writeFileAtomically } from '@motley/run/node';
import { z } from 'zod';
import { baselineSummaries, compare, errorsTable, type Comparison } from './comparison.ts';
import { config, type ForecastConfig } from './config.ts';
import { loadData, type SeriesData } from './data.ts';
import { drawFigures } from './figures.ts';
import { forecastTable } from './forecast-table.ts';
import type { SeriesForecaster } from './model.ts';
import { withShortFlags } from './short-flags.ts';
import * as studies from './study.ts';
import { restoreModel, train } from './train.ts';

function writeErrors(folder: RunFolder, comparison: Comparison): Promise<void> {
  return writeFileAtomically(join(folder.path, 'errors-by-horizon.csv'), errorsTable(comparison));
}

/** Measures the test part, and writes figures and errors. */
async function report(
  folder: RunFolder,
  model: SeriesForecaster,
  data: SeriesData,
  settings: ForecastConfig,
  step: number,
): Promise<Comparison> {
  const comparison = await compare(model, data, settings);
  const records = await readMetrics(join(folder.path, 'metrics.jsonl'));
  for (const [name, figure] of Object.entries(drawFigures({ comparison, data, config: settings, records })))
    await folder.writeFigure(name, figure, step);
  await writeErrors(folder, comparison);
  return comparison;
}

const predictOptions = {
  start: z
    .string()
    .default('')
    .describe("first step to forecast, as a number or a moment; empty: the first after the series' end"),
};

const predict: TrainedCommand<ForecastConfig, typeof predictOptions> = {
  description: 'forecast from one start: prints the mean and quantiles, and writes predictions.csv',
  options: predictOptions,
  async run({ config: settings, dataPath, checkpoint, folder, options, print }) {
    const data = await loadData(settings, dataPath);
    const model = restoreModel(settings, data, checkpoint.weights);
    const lines = await forecastTable(model, data, options.start);
    lines.forEach(print);
    await writeFileAtomically(join(folder.path, 'predictions.csv'), `${lines.join('\n')}\n`);
    return { parameters: model.parameterCount() };
  },
};

/** @throws UserError where a short flag has no value */
function runForecast(argv: readonly string[]): Promise<number> {
  return runCommandLine(
    {
      system: 'lstm-forecast',
      description:
        'Forecasts by a hand-written LSTM. Any CSV: train --data my.csv --target y --time t [--horizon 24] [--gaps interpolate]',
      config,
      studies,
      train: {
        description: 'train, then measure the best checkpoint (by validation) on the test part, and draw its forecasts',
        async run({ config: settings, dataPath, folder, ...surroundings }) {
          const data = await loadData(settings, dataPath);
          const { model, result } = await train(settings, data, surroundings);
          if (result.status === 'stopped') return result;
          const comparison = await report(folder, model, data, settings, result.bestStep);
          return { ...result, baselines: baselineSummaries(comparison) };
        },
      },
      commands: {
        evaluate: {
          description: 'measure a run on the test part, beside baselines, and write errors-by-horizon.csv',
          async run({ config: settings, dataPath, checkpoint, folder }) {
            const data = await loadData(settings, dataPath);
            const model = restoreModel(settings, data, checkpoint.weights);
            const comparison = await compare(model, data, settings);
            await writeErrors(folder, comparison);
            return {
              parameters: model.parameterCount(),
              metrics: { test: comparison.evaluation.metrics },
              baselines: baselineSummaries(comparison),
            };
          },
        },
        predict,
        figures: {
          description: 'draw forecasts with their bands, errors by horizon, calibration, the learning curve',
          async run({ config: settings, dataPath, checkpoint, folder }) {
            const data = await loadData(settings, dataPath);
            const model = restoreModel(settings, data, checkpoint.weights);
            await report(folder, model, data, settings, checkpoint.step);
            return { parameters: model.parameterCount() };
          },
        },
      },
    },
    withShortFlags(argv),
  );
}

try {
  process.exitCode = await runForecast(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
