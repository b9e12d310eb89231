#!/usr/bin/env node
import { restored } from '@motley/core';
import { runCommandLine, type ModelCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { loadImage } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { config, type BranchingConfig } from './config.ts';
import { loadData } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import type { BranchingCnn } from './model.ts';
import { predict, type Prediction } from './predict.ts';
import { batches } from './study.ts';
import { createModel, train } from './train.ts';
import type { LabelTree } from './trees.ts';

const predictFiles: ModelCommand<BranchingConfig, BranchingCnn> = {
  description: 'classify pictures, and name the branch that ran',
  files: 'PNG or JPEG pictures of any size',
  async run({ model, files, print }) {
    if (files.length === 0) throw new UserError('predict: expected at least one picture (predict FILE…), got none');
    const [height, width, channels] = model.imageShape;
    for (const file of files) {
      const { values } = await loadImage(file, { size: { height, width }, channels: channels === 1 ? 1 : 3 });
      const image = tf.tidy(() => tf.div(tf.tensor(Float32Array.from(values), [1, height, width, channels]), 255));
      const [prediction] = await predict(model, image);
      image.dispose();
      print(`${file}: ${describePrediction(prediction!, model.tree)}`);
    }
  },
};

function describePrediction(
  { group, groupProbabilities, probabilities, ranking }: Prediction,
  tree: LabelTree,
): string {
  const percent = (probability: number): string => `${(100 * probability).toFixed(1)} %`;
  const classes = ranking.slice(0, 3).map((label) => `${tree.classNames[label]!} ${percent(probabilities[label]!)}`);
  const branch = ` (branch ${tree.groupNames[group]!} ${percent(groupProbabilities[group]!)})`;
  return `${classes.join(', ')}${tree.members.length > 1 ? branch : ''}`;
}

process.exitCode = await runCommandLine({
  system: 'branching-cnn',
  description:
    'A CNN that trains with batches of one image: group normalization, weight standardization, and one of several branches per image',
  config,
  load: ({ config: settings, dataPath }) => loadData(settings, dataPath),
  restore: ({ config: settings, weights }) => restored(createModel(settings), weights),
  baselines: (data) => baselines(data),
  figures: ({ model, data }) => drawFigures(model, data.test),
  learningCurve: { yName: 'loss (nats per image)' },
  train: { run: ({ config: settings, data, ...context }) => train(settings, data, context) },
  studies: { batches },
  commands: {
    evaluate: async ({ model, data, config: settings }) => ({
      metrics: { test: await evaluate(model, data.test, settings) },
    }),
  },
  modelCommands: { predict: predictFiles },
});
