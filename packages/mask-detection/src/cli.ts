#!/usr/bin/env node
import { fetchCommand, publishedWeights, runCommandLine } from '@motley/core/node';
import { config } from './config.ts';
import { allMetrics, baselines, judge } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { loadData } from './load.ts';
import { predictCommand } from './predict-command.ts';
import { restoreModel } from './restore.ts';
import { studies } from './study.ts';
import { train } from './train.ts';

/** Says what needs a decision before the training: standard output is for results. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await runCommandLine({
  system: 'mask-detection',
  description: 'Who wears a mask: Faster R-CNN on a feature pyramid',
  config,
  load: ({ config: settings, dataPath }) => loadData(settings, dataPath),
  restore: ({ config: settings, weights }) => restoreModel(settings, weights),
  baselines: ({ training, test, classes }) => baselines(training, test, classes.length),
  figures: ({ config: settings, model, data }) => drawFigures(model, settings, data),
  learningCurve: { yName: 'loss' },
  train: { run: ({ config: settings, data, ...context }) => train(settings, data, context, say) },
  commands: {
    evaluate: async ({ config: settings, model, data }) => ({
      metrics: { test: allMetrics(await judge(model, data.test, settings), data.classes) },
    }),
  },
  modelCommands: { predict: predictCommand },
  plainCommands: { fetch: fetchCommand([publishedWeights['mobilenet-v2']]) },
  studies,
});
