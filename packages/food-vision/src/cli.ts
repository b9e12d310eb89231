#!/usr/bin/env node
import { fetchCommand, publishedWeights, runCommandLine } from '@motley/core/node';
import { readClasses, requireClasses, writeClasses } from './classes.ts';
import { config, type FoodVisionConfig } from './config.ts';
import { type FoodData, loadData } from './data.ts';
import { evaluateHead, majority, nearestPicture } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { namesCommand } from './names/names-command.ts';
import { stampsCommand } from './names/stamps-command.ts';
import { predictCommand } from './predict-command.ts';
import { splitsCommand } from './splits-command.ts';
import { studies } from './study.ts';
import { evaluate, restoreModel, startOf, train } from './train.ts';

/** Says what takes time, or needs a decision, before the training: standard output is for results. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function measureBaselines(data: FoodData, settings: FoodVisionConfig) {
  const { training, test, classes } = data;
  const start = await startOf(settings, data);
  const ridge = evaluateHead(start.ridge, start.test, test.labels).metrics;
  return {
    majority: majority(training.labels, test.labels, classes.length),
    nearestPicture: nearestPicture(start.training, training.labels, start.test, test.labels),
    ridge: { ...ridge, leftOutAccuracy: start.ridge.leftOutAccuracy },
  };
}

/** With labels of the user's, `predict` needs no run. */
const namesPictures =
  process.argv[2] === 'predict' && process.argv.some((part) => part === '--labels' || part.startsWith('--labels='));

process.exitCode = await runCommandLine({
  system: 'food-vision',
  description: 'What is on the plate: EfficientNet and Vision Transformer, by transfer',
  config,
  load: ({ config: settings, dataPath }) => loadData(settings, dataPath),
  restore: ({ config: settings, weights }) => restoreModel(settings, weights),
  baselines: measureBaselines,
  figures: async ({ config: settings, model, data }) =>
    drawFigures(model, settings, data, await evaluate(model, settings, data.test)),
  learningCurve: { yName: 'cross-entropy (nats)' },
  train: {
    async run({ config: settings, data, folder, ...context }) {
      await writeClasses(folder.path, { classes: [...data.classes], framing: data.framing });
      return train(settings, data, context, say);
    },
  },
  commands: {
    async evaluate({ config: settings, model, data, runPath }) {
      requireClasses((await readClasses(runPath)).classes, data.classes);
      return { metrics: { test: (await evaluate(model, settings, data.test)).metrics } };
    },
  },
  modelCommands: { [namesPictures ? 'classify' : 'predict']: predictCommand },
  plainCommands: {
    fetch: fetchCommand([publishedWeights['efficientnet-lite0'], publishedWeights['minilm-l6']]),
    splits: splitsCommand,
    stamps: stampsCommand,
    ...(namesPictures && { predict: namesCommand }),
  },
  studies,
});
