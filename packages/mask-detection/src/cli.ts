#!/usr/bin/env node
import { runCommandLine, type ModelCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { config, type MaskDetectionConfig } from './config.ts';
import { CLASS_NAMES, generatePoints } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import type { MaskDetectionModel } from './model.ts';
import { parsePoints, predict } from './predict.ts';
import { restoreModel, train } from './train.ts';

const predictPoints: ModelCommand<MaskDetectionConfig, MaskDetectionModel> = {
  description: 'classify points of the plane',
  texts: 'points as x,y; after -- where an x is negative',
  async run({ model, texts, print }) {
    const probabilities = await predict(model, parsePoints(texts));
    for (const [index, outer] of probabilities.entries()) {
      const percentages = CLASS_NAMES.map(
        (name, label) => `${name} ${(100 * (label === 1 ? outer : 1 - outer)).toFixed(1)} %`,
      );
      print(`${texts[index]!}: ${percentages.join(', ')}`);
    }
  },
};

process.exitCode = await runCommandLine({
  system: 'mask-detection',
  description: 'A perceptron that tells two noisy rings of points apart',
  config,
  load({ config: settings, dataPath }) {
    if (dataPath !== undefined)
      throw new UserError(`--data: expected none, for this system generates its points; got ${dataPath}`);
    return generatePoints(settings);
  },
  restore: ({ config: settings, weights }) => restoreModel(settings, weights),
  baselines: (data, settings) => baselines(data, settings.data.noise),
  figures: ({ model, data }) => drawFigures(model, data.test),
  learningCurve: { yName: 'cross-entropy (nats)', baselines: { optimum: 'optimum' } },
  train: { run: ({ config: settings, data, ...context }) => train(settings, data, context) },
  commands: {
    evaluate: async ({ model, data }) => ({ metrics: { test: await evaluate(model, data.test) } }),
  },
  modelCommands: { predict: predictPoints },
});
