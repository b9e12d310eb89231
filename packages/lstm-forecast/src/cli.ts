#!/usr/bin/env node
import { join } from 'node:path';
import { runCommandLine, type DataCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { writeFileAtomically, type RunFolder } from '@motley/run/node';
import { z } from 'zod';
import { baselineSummaries, compare, errorsTable, type Comparison } from './comparison.ts';
import { config, type ForecastConfig } from './config.ts';
import { loadData, type SeriesData } from './data.ts';
import { drawFigures } from './figures.ts';
import { findings } from './findings.ts';
import { forecastTable } from './forecast-table.ts';
import type { SeriesForecaster } from './model.ts';
import { SETTINGS_FILE } from './settings.ts';
import { withShortFlags } from './short-flags.ts';
import * as studies from './study.ts';
import { withTablePreset } from './table-preset.ts';
import { restoreModel, train } from './train.ts';

interface Forecasts {
  readonly model: SeriesForecaster;
  readonly data: SeriesData;
  readonly folder: RunFolder;
}

/** Comparisons by model: the figures after a training reuse them. */
const comparisons = new WeakMap<SeriesForecaster, Comparison>();

/** Measures a model and the baselines on the test part, and writes errors-by-horizon.csv. */
async function comparisonOf({ model, data, folder }: Forecasts): Promise<Comparison> {
  const comparison = comparisons.get(model) ?? (await compare(model, data, data.settings));
  comparisons.set(model, comparison);
  await writeFileAtomically(join(folder.path, 'errors-by-horizon.csv'), errorsTable(comparison));
  return comparison;
}

const predictOptions = {
  start: z
    .string()
    .default('')
    .describe("first step to forecast, as a number or a moment; empty: the first after the series' end"),
};

const predict: DataCommand<ForecastConfig, SeriesData, SeriesForecaster, typeof predictOptions> = {
  description: 'forecast from one start: prints the mean and quantiles, and writes predictions.csv',
  options: predictOptions,
  async run({ model, data, folder, options, print }) {
    const lines = await forecastTable(model, data, options.start);
    lines.forEach(print);
    await writeFileAtomically(join(folder.path, 'predictions.csv'), `${lines.join('\n')}\n`);
  },
};

/** @throws UserError where a short flag has no value */
function runForecast(argv: readonly string[]): Promise<number> {
  return runCommandLine(
    {
      system: 'lstm-forecast',
      description:
        'Forecasts by a hand-written LSTM. Any CSV: train --data my.csv [--target y] [--time t] [--horizon 24] [--gaps interpolate]',
      config,
      load: async ({ config: settings, dataPath, weights, isTraining }) => {
        const data = await loadData(settings, dataPath, weights);
        if (isTraining) for (const note of data.notes ?? []) process.stderr.write(`${note}\n`);
        return data;
      },
      restore: async ({ config: settings, data: given, weights }) => {
        const data = given ?? (await loadData(settings, undefined, weights));
        return restoreModel(data.settings, data, weights);
      },
      figures: async (context) =>
        drawFigures({ comparison: await comparisonOf(context), data: context.data, config: context.data.settings }),
      learningCurve: { yName: 'mean squared error (scaled)', metric: 'meanSquaredError' },
      train: {
        async run({ data, folder, print, ...context }) {
          await writeFileAtomically(join(folder.path, SETTINGS_FILE), `${JSON.stringify(data.settings, null, 2)}\n`);
          const { model, result, shares } = await train(data.settings, data, context);
          if (result.status === 'stopped') return { model, result };
          const comparison = await comparisonOf({ model, data, folder });
          findings({ data, comparison, shares, bestStep: result.bestStep }).forEach(print);
          return { model, result, baselines: baselineSummaries(comparison) };
        },
      },
      studies,
      commands: {
        evaluate: {
          description: 'measure a run on the test part, beside baselines, and write errors-by-horizon.csv',
          run: async (context) => {
            const comparison = await comparisonOf(context);
            return { metrics: { test: comparison.evaluation.metrics }, baselines: baselineSummaries(comparison) };
          },
        },
        predict,
      },
    },
    withShortFlags(argv),
  );
}

try {
  process.exitCode = await runForecast(await withTablePreset(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
