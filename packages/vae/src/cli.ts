#!/usr/bin/env node
import { join } from 'node:path';
import { RandomStream, type ResumePoint } from '@motley/core';
import { runCommandLine, type TrainedCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { type MetricTable, readMetrics, type RunFolder } from '@motley/run/node';
import { z } from 'zod';
import { findAnomalies } from './anomaly.ts';
import { config, type VaeConfig } from './config.ts';
import { loadData, type VaeData } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { samplesFigure } from './image-figures.ts';
import { latentPlanes, writeLatentProjector, writeLatentWalk } from './latent-pictures.ts';
import type { Vae } from './model.ts';
import { FEWEST_PROJECTED } from './projection.ts';
import { anomalies as anomalyStudy, grey, likelihood } from './study.ts';
import { createModel, train } from './train.ts';
import { verificationReport } from './verification/report.ts';
import { USUAL } from './verification/verify.ts';

async function writeFigures(folder: RunFolder, model: Vae, data: VaeData, seed: number, step: number): Promise<void> {
  const figures = await drawFigures(model, data.test, await readMetrics(join(folder.path, 'metrics.jsonl')), seed);
  for (const [name, figure] of Object.entries(figures)) await folder.writeFigure(name, figure, step);
}

function restore(settings: VaeConfig, { weights }: Pick<ResumePoint, 'weights'>): Vae {
  const [, latentSize] = weights['decoder.0.weight']?.shape ?? [];
  if (latentSize !== undefined && latentSize !== settings.model.latentSize)
    throw new UserError(
      `model.latentSize: expected ${latentSize}, which the checkpoint has, got ${settings.model.latentSize}`,
    );
  const model = createModel(settings);
  model.loadStateDict(weights);
  return model;
}

const sampleOptions = {
  count: z.int().min(1).max(10_000).default(100).describe('fills a square page'),
  deviation: z.number().positive().max(2).default(1).describe('the prior itself; below 1 nearer to its middle'),
};

const sample: TrainedCommand<VaeConfig, typeof sampleOptions> = {
  description: 'draw images from the prior: figures/samples.png',
  options: sampleOptions,
  async run({ config: settings, checkpoint, folder, options: { count, deviation }, print }) {
    const model = restore(settings, checkpoint).eval();
    const random = RandomStream.fromSeed(settings.training.seed).fork('samples');
    const figure = await samplesFigure(model, count, random, deviation);
    print(await folder.writeFigure('samples', figure, checkpoint.step));
    return { parameters: model.parameterCount() };
  },
};

const probability = z.number().gt(0).lt(1);
const verifyOptions = {
  tolerance: probability.default(USUAL.tolerance).describe("single digits: the course's"),
  stackedTolerance: probability.default(USUAL.stackedTolerance).describe("three digits: the course's"),
  samples: z.int().min(1).max(100_000).default(USUAL.samples).describe('coverage is known for a thousand'),
  draws: z.int().min(1).max(100).default(USUAL.draws).describe('times that so many are drawn, for the spread'),
  deviation: sampleOptions.deviation,
};

const verifyCommand: TrainedCommand<VaeConfig, typeof verifyOptions> = {
  description: 'let the verification network judge reconstructions and generated images, single and stacked',
  options: verifyOptions,
  async run({ config: settings, checkpoint, dataPath, options, signal, compile, print }) {
    const { test } = await loadData(settings, dataPath);
    const model = restore(settings, checkpoint);
    const seed = settings.training.seed;
    const report = await verificationReport({ model, test, dataPath, signal, compile, print }, { ...options, seed });
    return { parameters: model.parameterCount(), ...report };
  },
};

const anomalyOptions = {
  digit: z.int().min(0).max(9).nullable().default(null).describe('the one that the run held out'),
};

const anomalies: TrainedCommand<VaeConfig, typeof anomalyOptions> = {
  description: 'rank test images of a run that held one digit out: the area under the curve, the strangest images',
  options: anomalyOptions,
  async run({ config: settings, checkpoint, dataPath, folder, options }) {
    const data = await loadData(settings, dataPath);
    const model = restore(settings, checkpoint);
    const report = await findAnomalies(model, data, settings, options.digit);
    for (const [name, figure] of Object.entries(report.figures))
      await folder.writeFigure(name, figure, checkpoint.step);
    return { parameters: model.parameterCount(), metrics: { anomalies: report.areas } };
  },
};

const latentOptions = {
  count: z.int().min(FEWEST_PROJECTED).max(70_000).default(10_000).describe('all test images'),
};

const latents: TrainedCommand<VaeConfig, typeof latentOptions> = {
  description: "draw the latents of test images by PCA, t-SNE and UMAP, and for TensorBoard's Projector page",
  options: latentOptions,
  async run({ config: settings, checkpoint, dataPath, folder, options: { count }, print }) {
    const { test } = await loadData(settings, dataPath);
    const model = restore(settings, checkpoint).eval();
    const random = RandomStream.fromSeed(settings.training.seed).fork('latents');
    const planes = await latentPlanes(model, test, count, random, print);
    for (const [name, figure] of Object.entries(planes)) await folder.writeFigure(name, figure, checkpoint.step);
    await writeLatentProjector(folder.path, model, test, count);
    return { parameters: model.parameterCount() };
  },
};

const walk: TrainedCommand<VaeConfig> = {
  description: 'walk through the latent space: figures/latent-walk.gif, animated',
  async run({ config: settings, checkpoint, folder, print }) {
    const model = restore(settings, checkpoint);
    print(await writeLatentWalk(folder, model, RandomStream.fromSeed(settings.training.seed).fork('walk')));
    return { parameters: model.parameterCount() };
  },
};

process.exitCode = await runCommandLine({
  system: 'vae',
  description: 'Autoencoders on MNIST: plain, variational, importance-weighted; judged by a network of their own',
  config,
  train: {
    description: 'train, then measure the best checkpoint (by validation) on the test images and draw it',
    async run({ config: settings, dataPath, folder, ...surroundings }) {
      const data = await loadData(settings, dataPath);
      const { model, result } = await train(settings, data, surroundings);
      if (result.status === 'stopped') return result;
      const { seed } = settings.training;
      await writeFigures(folder, model, data, seed, result.bestStep);
      let [metrics, compared]: [MetricTable, MetricTable] = [result.metrics, baselines(data.training, data.test)];
      if (settings.data.heldOutDigit !== null) {
        const report = await findAnomalies(model, data, settings);
        for (const [name, figure] of Object.entries(report.figures))
          await folder.writeFigure(name, figure, result.bestStep);
        metrics = { ...metrics, anomalies: report.areas };
      }
      if (settings.evaluation.verified) {
        const { signal, compile, print } = surroundings;
        const report = await verificationReport(
          { model, test: data.test, dataPath, signal, compile, print },
          { ...USUAL, seed },
        );
        metrics = {
          ...metrics,
          generated: report.metrics.generated!,
          test: { ...metrics.test, ...report.metrics.test },
        };
        compared = { ...compared, ...report.baselines };
      }
      return { ...result, metrics, baselines: compared };
    },
  },
  studies: { grey, likelihood, anomalies: anomalyStudy },
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
    verify: verifyCommand,
    anomalies,
    latents,
    walk,
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
