#!/usr/bin/env node
import { copyArrays, RandomNumbers, UserError } from '@motley/run';
import { runCommandLine, type ArrayTypes, type ModelCommand } from '@motley/run/node';
import { z } from 'zod';
import { config, type ScratchConfig } from './config.ts';
import { createPictures, drawPictures, printPicture } from './data.ts';
import { baselines, measure } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { loadPicture } from './load-picture.ts';
import type { Network } from './model.ts';
import { optimalAccuracy } from './optimum.ts';
import { predict, type Prediction } from './predict.ts';
import { CLASSES } from './shapes.ts';
import { pictures } from './study.ts';
import { createNetwork, train } from './train.ts';

function describe({ className, outputs }: Prediction): string {
  const each = CLASSES.map((name, index) => `${name} ${outputs[index]!.toFixed(3)}`);
  return `${className} (${each.join(', ')})`;
}

const predictOptions = {
  count: z.int().min(1).max(1000).default(8).describe('number of new pictures to draw if no files are named'),
};

const predictCommand: ModelCommand<ScratchConfig, ArrayTypes, Network, typeof predictOptions> = {
  description: 'classify files, or new pictures if none are named',
  files: 'PNG or JPEG pictures',
  options: predictOptions,
  async run({ config: { data, training }, model, files, options, print }) {
    for (const file of files) {
      const found = await loadPicture(file, data.size);
      print(printPicture(found, 0));
      print(`${file}: ${describe(predict(model, found.images)[0]!)}`);
    }
    if (files.length > 0) return {};
    const drawn = drawPictures(data, options.count, RandomNumbers.fromSeed(training.seed).fork('new pictures'));
    for (const [index, prediction] of predict(model, drawn.images).entries()) {
      print(printPicture(drawn, index));
      print(`${CLASSES[drawn.labels[index]!]!}: ${describe(prediction)}`);
    }
    return { metrics: { new: measure(model, drawn) } };
  },
};

process.exitCode = await runCommandLine({
  system: 'scratch-nn',
  description: 'A neural network on plain typed arrays that classifies crosses, circles and lines',
  precision: 'float32',
  config,
  load({ config: { data, training }, dataPath }) {
    if (dataPath !== undefined)
      throw new UserError(`--data: expected none, as this system draws its pictures, got ${dataPath}`);
    return createPictures(data, training.seed);
  },
  restore({ config: settings, weights }) {
    const network = createNetwork(settings);
    copyArrays(Object.fromEntries(network.state), weights, 'weights');
    return network;
  },
  baselines: (data, { data: drawing, evaluation }) => ({
    ...baselines(data),
    ...(evaluation.optimum && { optimum: { accuracy: optimalAccuracy(drawing, data.test) } }),
  }),
  figures: ({ model, data, config: { data: drawing } }) => drawFigures(model, data.test, drawing),
  learningCurve: { yName: 'loss (nats per picture)' },
  train: { run: ({ config: settings, data, ...context }) => train(settings, data, context) },
  commands: {
    evaluate: ({ model, data }) => ({ metrics: { test: measure(model, data.test) } }),
  },
  modelCommands: { predict: predictCommand },
  studies: { pictures },
});
