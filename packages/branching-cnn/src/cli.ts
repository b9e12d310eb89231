#!/usr/bin/env node
import { join } from 'node:path';
import type { ResumePoint } from '@motley/core';
import { loadImage, runCommandLine, type TrainedCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { readMetrics, type RunFolder } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { config, type BranchingConfig } from './config.ts';
import { loadData, type BranchingData } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import type { BranchingCnn } from './model.ts';
import { predict, type Prediction } from './predict.ts';
import { batches } from './study.ts';
import { createModel, train } from './train.ts';
import type { LabelTree } from './trees.ts';

function restore(settings: BranchingConfig, { weights }: Pick<ResumePoint, 'weights'>): BranchingCnn {
  const model = createModel(settings);
  model.loadStateDict(weights);
  return model.eval();
}

async function writeFigures(folder: RunFolder, model: BranchingCnn, data: BranchingData, step: number): Promise<void> {
  const figures = await drawFigures(model, data.test, await readMetrics(join(folder.path, 'metrics.jsonl')));
  for (const [name, figure] of Object.entries(figures)) await folder.writeFigure(name, figure, step);
}

const predictFiles: TrainedCommand<BranchingConfig> = {
  description: 'say what is in pictures, and which branch said so',
  files: 'PNG or JPEG pictures, brought to the size of those that were trained on',
  async run({ config: settings, checkpoint, files, print }) {
    if (files.length === 0) throw new UserError('predict: expected a picture at least (predict FILE…), got none');
    const model = restore(settings, checkpoint);
    const [height, width, channels] = model.imageShape;
    for (const file of files) {
      const { values } = await loadImage(file, { size: { height, width }, channels: channels === 1 ? 1 : 3 });
      const image = tf.tidy(() => tf.div(tf.tensor(Float32Array.from(values), [1, height, width, channels]), 255));
      const [prediction] = await predict(model, image);
      image.dispose();
      print(`${file}: ${inWords(prediction!, model.tree)}`);
    }
    return { parameters: model.parameterCount() };
  },
};

function inWords({ group, groupProbabilities, probabilities, ranking }: Prediction, tree: LabelTree): string {
  const percent = (probability: number): string => `${(100 * probability).toFixed(1)} %`;
  const classes = ranking.slice(0, 3).map((label) => `${tree.classNames[label]!} ${percent(probabilities[label]!)}`);
  const branch = tree.members.length > 1 ? ` (branch ${tree.groupNames[group]!} ${percent(groupProbabilities[group]!)})` : ''; // prettier-ignore
  return `${classes.join(', ')}${branch}`;
}

process.exitCode = await runCommandLine({
  system: 'branching-cnn',
  description:
    'A CNN that trains with a batch of one: group normalisation with weight standardisation, and branches of which one runs',
  config,
  train: {
    description: 'train, then measure the best checkpoint (by validation) on the test images and draw it',
    async run({ config: settings, dataPath, folder, ...surroundings }) {
      const data = await loadData(settings, dataPath);
      const { model, result } = await train(settings, data, surroundings);
      if (result.status === 'stopped') return result;
      await writeFigures(folder, model, data, result.bestStep);
      return { ...result, baselines: baselines(data) };
    },
  },
  commands: {
    evaluate: {
      description: 'measure a run on the test images, beside baselines',
      async run({ config: settings, dataPath, checkpoint }) {
        const model = restore(settings, checkpoint);
        const data = await loadData(settings, dataPath);
        const test = await evaluate(model, data.test, settings);
        return { parameters: model.parameterCount(), metrics: { test }, baselines: baselines(data) };
      },
    },
    predict: predictFiles,
    figures: {
      description:
        'draw where images were routed, the confusion on both levels, what each branch sees, the learning curve',
      async run({ config: settings, dataPath, checkpoint, folder }) {
        const model = restore(settings, checkpoint);
        await writeFigures(folder, model, await loadData(settings, dataPath), checkpoint.step);
        return { parameters: model.parameterCount() };
      },
    },
  },
  studies: { batches },
});
