import { join } from 'node:path';
import { runCommandLine, type TrainedCommand } from '@motley/core/node';
import type { MetricRecord } from '@motley/run';
import { readMetrics, type RunFolder, writeFileAtomically } from '@motley/run/node';
import { z } from 'zod';
import { config, type ForecastConfig } from './config.ts';
import { withShortFlags } from './short-flags.ts';
import * as studies from './study.ts';
import { loadTask, type Report, type TrainedTask } from './tasks.ts';

/** Measures, and writes what came of it: figures and tables. */
async function writeReport(folder: RunFolder, trained: TrainedTask, step: number): Promise<Report> {
  const report = await trained.report(await recordsOf(folder));
  for (const [name, figure] of Object.entries(report.figures)) await folder.writeFigure(name, figure, step);
  for (const [name, table] of Object.entries(report.tables)) await writeFileAtomically(join(folder.path, name), table);
  return report;
}

function recordsOf(folder: RunFolder): Promise<MetricRecord[]> {
  return readMetrics(join(folder.path, 'metrics.jsonl'));
}

const predictOptions = {
  start: z
    .string()
    .default('')
    .describe("the first step to forecast, its number or its moment: the first after the series' end"),
};

const predict: TrainedCommand<ForecastConfig, typeof predictOptions> = {
  description: 'forecast from one start: prints the mean and quantiles, and writes predictions.csv',
  options: predictOptions,
  async run({ config: settings, dataPath, checkpoint, folder, options, print }) {
    const trained = (await loadTask(settings, dataPath)).restore(checkpoint.weights);
    const lines = await trained.predict(options.start);
    lines.forEach(print);
    await writeFileAtomically(join(folder.path, 'predictions.csv'), `${lines.join('\n')}\n`);
    return { parameters: trained.model.parameterCount() };
  },
};

/**
 * Runs a command line; --target, --time, --horizon and --gaps are short for `--set`s.
 * @returns the exit status
 * @throws UserError where one of those has no value
 */
export async function runForecast(argv: readonly string[]): Promise<number> {
  return runCommandLine(
    {
      system: 'lstm-forecast',
      description:
        'Forecasts by a hand-written LSTM. Any CSV: train --data my.csv --target y --time t [--horizon 24] [--gaps interpolate]',
      config,
      studies,
      train: {
        description: 'train, then measure the best checkpoint (by validation) on the test part and draw it',
        async run({ config: settings, dataPath, folder, ...surroundings }) {
          const task = await loadTask(settings, dataPath);
          const { trained, result } = await task.train(surroundings);
          if (result.status === 'stopped') return result;
          const { baselines } = await writeReport(folder, trained, result.bestStep);
          return { ...result, baselines };
        },
      },
      commands: {
        evaluate: {
          description: 'measure a run on the test part, beside baselines, and write errors-by-horizon.csv',
          async run({ config: settings, dataPath, checkpoint, folder }) {
            const trained = (await loadTask(settings, dataPath)).restore(checkpoint.weights);
            const { metrics, baselines, tables } = await trained.report([]);
            for (const [name, table] of Object.entries(tables))
              await writeFileAtomically(join(folder.path, name), table);
            return { parameters: trained.model.parameterCount(), metrics: { test: metrics }, baselines };
          },
        },
        predict,
        figures: {
          description: 'draw forecasts with their bands, errors by horizon, calibration, the learning curve',
          async run({ config: settings, dataPath, checkpoint, folder }) {
            const trained = (await loadTask(settings, dataPath)).restore(checkpoint.weights);
            await writeReport(folder, trained, checkpoint.step);
            return { parameters: trained.model.parameterCount() };
          },
        },
      },
    },
    withShortFlags(argv),
  );
}
