#!/usr/bin/env node
import { join } from 'node:path';
import { RandomNumbers, UserError } from '@motley/run';
import {
  type MetricTable,
  readMetrics,
  type RunFolder,
  runScratchCommandLine,
  type ScratchTrainedCommand,
} from '@motley/run/node';
import { z } from 'zod';
import { config, type ScratchConfig } from './config.ts';
import { createPictures, drawPictures, printPicture, type PictureSets } from './data.ts';
import { baselines, measure } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { loadPicture } from './load-picture.ts';
import type { Network } from './model.ts';
import { optimalAccuracy } from './optimum.ts';
import { predict, type Prediction } from './predict.ts';
import { CLASSES } from './shapes.ts';
import { restoreArrays, type StoredArrays } from './stored-arrays.ts';
import { pictures } from './study.ts';
import { createNetwork, train } from './train.ts';

function restore(settings: ScratchConfig, { weights }: { readonly weights: StoredArrays }): Network {
  const network = createNetwork(settings);
  restoreArrays(network.state, weights, 'weights');
  return network;
}

function picturesOf({ data, training }: ScratchConfig, dataPath: string | undefined): PictureSets {
  if (dataPath !== undefined)
    throw new UserError(`--data: expected none, for this system draws its pictures; got ${dataPath}`);
  return createPictures(data, training.seed);
}

/** What needs no network: baselines, and the bound where it is asked for. */
function otherClassifiers(pictures: PictureSets, { data, evaluation }: ScratchConfig): MetricTable {
  const optimum = evaluation.optimum && { optimum: { accuracy: optimalAccuracy(data, pictures.test) } };
  return { ...baselines(pictures), ...optimum };
}

async function writeFigures(
  folder: RunFolder,
  network: Network,
  { test }: PictureSets,
  { data }: ScratchConfig,
  step: number,
): Promise<void> {
  const figures = await drawFigures(network, test, data, await readMetrics(join(folder.path, 'metrics.jsonl')));
  for (const [name, figure] of Object.entries(figures)) await folder.writeFigure(name, figure, step);
}

function describe({ className, outputs }: Prediction): string {
  const each = CLASSES.map((name, index) => `${name} ${outputs[index]!.toFixed(3)}`);
  return `${className} (${each.join(', ')})`;
}

const predictOptions = {
  count: z.int().min(1).max(1000).default(8).describe('new pictures to draw, where no files are named'),
};

const predictCommand: ScratchTrainedCommand<ScratchConfig, typeof predictOptions> = {
  description: 'say what pictures show: new ones, or the files named',
  files: 'PNG or JPEG pictures',
  options: predictOptions,
  async run({ config: settings, checkpoint, files, options, print }) {
    const network = restore(settings, checkpoint);
    const { data, training } = settings;
    for (const file of files) {
      const pictures = await loadPicture(file, data.size);
      print(printPicture(pictures, 0));
      print(`${file}: ${describe(predict(network, pictures.images)[0]!)}`);
    }
    if (files.length > 0) return { parameters: network.parameterCount() };
    const pictures = drawPictures(data, options.count, RandomNumbers.fromSeed(training.seed).fork('new pictures'));
    for (const [index, prediction] of predict(network, pictures.images).entries()) {
      print(printPicture(pictures, index));
      print(`${CLASSES[pictures.labels[index]!]!}: ${describe(prediction)}`);
    }
    return { parameters: network.parameterCount(), metrics: { new: measure(network, pictures) } };
  },
};

process.exitCode = await runScratchCommandLine({
  system: 'scratch-nn',
  description: 'A neural network on plain typed arrays, that tells crosses, circles and lines',
  precision: 'float32',
  config,
  train: {
    description: 'train, then measure the best weights (by validation) on the test pictures and draw figures',
    async run({ config: settings, dataPath, folder, listeners, signal, resume }) {
      const pictures = picturesOf(settings, dataPath);
      const { network, result } = await train(settings, pictures, { listeners, signal, resume });
      if (result.status === 'stopped') return result;
      await writeFigures(folder, network, pictures, settings, result.bestStep);
      return { ...result, baselines: otherClassifiers(pictures, settings) };
    },
  },
  commands: {
    evaluate: {
      description: 'measure a run on the test pictures, beside baselines',
      run({ config: settings, checkpoint, dataPath }) {
        const pictures = picturesOf(settings, dataPath);
        const network = restore(settings, checkpoint);
        const test = measure(network, pictures.test);
        return Promise.resolve({
          parameters: network.parameterCount(),
          metrics: { test },
          baselines: otherClassifiers(pictures, settings),
        });
      },
    },
    predict: predictCommand,
    figures: {
      description: 'draw examples, the learning curve, the confusion matrix, the hardest pictures, the filters',
      async run({ config: settings, checkpoint, dataPath, folder }) {
        const network = restore(settings, checkpoint);
        await writeFigures(folder, network, picturesOf(settings, dataPath), settings, checkpoint.step);
        return { parameters: network.parameterCount() };
      },
    },
  },
  studies: { pictures },
});
