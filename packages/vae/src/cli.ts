#!/usr/bin/env node
import { join } from 'node:path';
import { RandomStream, type ResumePoint } from '@motley/core';
import { readMetrics, runCommandLine, type RunFolder, type TrainedCommand } from '@motley/core/node';
import { z } from 'zod';
import { config, type VaeConfig } from './config.ts';
import { loadData, type VaeData } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { samplesFigure } from './image-figures.ts';
import type { Vae } from './model.ts';
import { createModel, train } from './train.ts';

async function writeFigures(folder: RunFolder, model: Vae, data: VaeData, seed: number, step: number): Promise<void> {
  const figures = await drawFigures(model, data.test, await readMetrics(join(folder.path, 'metrics.jsonl')), seed);
  for (const [name, figure] of Object.entries(figures)) await folder.writeFigure(name, figure, step);
}

function restore(settings: VaeConfig, { weights }: Pick<ResumePoint, 'weights'>): Vae {
  const model = createModel(settings);
  model.loadStateDict(weights);
  return model;
}

const sampleOptions = {
  count: z.int().min(1).max(10_000).default(100).describe('fills a square page'),
};

const sample: TrainedCommand<VaeConfig, typeof sampleOptions> = {
  description: 'draw images from the prior: figures/samples.png',
  options: sampleOptions,
  async run({ config: settings, checkpoint, folder, options, print }) {
    const model = restore(settings, checkpoint).eval();
    const random = RandomStream.fromSeed(settings.training.seed).fork('samples');
    print(await folder.writeFigure('samples', await samplesFigure(model, options.count, random), checkpoint.step));
    return { parameters: model.parameterCount() };
  },
};

process.exitCode = await runCommandLine({
  system: 'vae',
  description: 'Variational autoencoders (Kingma & Welling, 2014), dense and convolutional, on MNIST',
  config,
  train: {
    description: 'train, then measure the best checkpoint (by validation) on the test images and draw it',
    async run({ config: settings, dataPath, folder, ...surroundings }) {
      const data = await loadData(settings, dataPath);
      const { model, result } = await train(settings, data, surroundings);
      if (result.status === 'stopped') return result;
      await writeFigures(folder, model, data, settings.training.seed, result.bestStep);
      return { ...result, baselines: baselines(data.training, data.test) };
    },
  },
  commands: {
    evaluate: {
      description: 'measure a run on the test images, beside baselines',
      async run({ config: settings, dataPath, checkpoint }) {
        const data = await loadData(settings, dataPath);
        const model = restore(settings, checkpoint);
        const test = await evaluate(model, data.test, settings);
        return {
          parameters: model.parameterCount(),
          metrics: { test },
          baselines: baselines(data.training, data.test),
        };
      },
    },
    sample,
    figures: {
      description: 'draw reconstructions, samples, the latent manifold and scatter, the learning curve',
      async run({ config: settings, dataPath, checkpoint, folder }) {
        const model = restore(settings, checkpoint);
        const data = await loadData(settings, dataPath);
        await writeFigures(folder, model, data, settings.training.seed, checkpoint.step);
        return { parameters: model.parameterCount() };
      },
    },
  },
});
