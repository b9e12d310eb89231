#!/usr/bin/env node
import { RandomStream } from '@motley/core';
import { runCommandLine, type DataCommand, type ModelCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
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
import { anomalies as anomalyStudy, gray, likelihood } from './study.ts';
import { createModel, train } from './train.ts';
import { verificationReport } from './verification/report.ts';
import { USUAL } from './verification/verify.ts';

const sampleOptions = {
  count: z.int().min(1).max(10_000).default(100).describe('fills a square page'),
  deviation: z.number().positive().max(2).default(1).describe('the prior itself; below 1 nearer to its mean'),
};

const sample: ModelCommand<VaeConfig, Vae, typeof sampleOptions> = {
  description: 'draw images from the prior: figures/samples.png',
  options: sampleOptions,
  async run({ config: { training }, model, options: { count, deviation } }) {
    const random = RandomStream.fromSeed(training.seed).fork('samples');
    return { figures: { samples: await samplesFigure(model, count, random, deviation) } };
  },
};

const probability = z.number().gt(0).lt(1);
const verifyOptions = {
  tolerance: probability.default(USUAL.tolerance).describe('single digits'),
  stackedTolerance: probability.default(USUAL.stackedTolerance).describe('three digits'),
  samples: z.int().min(1).max(100_000).default(USUAL.samples).describe('coverage is known for a thousand'),
  draws: z.int().min(1).max(100).default(USUAL.draws).describe('repetitions of the draw, for the spread'),
  deviation: sampleOptions.deviation,
};

const verify: DataCommand<VaeConfig, VaeData, Vae, typeof verifyOptions> = {
  description: 'let the verification network judge reconstructions and generated images, single and stacked',
  options: verifyOptions,
  run: ({ data: { test }, config: { training }, options, ...context }) =>
    verificationReport({ ...context, test }, { ...options, seed: training.seed }),
};

const anomalyOptions = {
  digit: z.int().min(0).max(9).nullable().default(null).describe('the digit that the run held out'),
};

const anomalies: DataCommand<VaeConfig, VaeData, Vae, typeof anomalyOptions> = {
  description: 'rank test images of a run that held one digit out: the area under the curve, the most anomalous images',
  options: anomalyOptions,
  async run({ config: settings, data, model, options: { digit } }) {
    const { areas, figures } = await findAnomalies(model, data, settings, digit);
    return { metrics: { anomalies: areas }, figures };
  },
};

const latentOptions = {
  count: z.int().min(FEWEST_PROJECTED).max(70_000).default(10_000).describe('all test images'),
};

const latents: DataCommand<VaeConfig, VaeData, Vae, typeof latentOptions> = {
  description: "draw the latents of test images by PCA, t-SNE and UMAP, and for TensorBoard's Projector page",
  options: latentOptions,
  async run({ config: { training }, data: { test }, model, folder, options: { count }, print }) {
    const random = RandomStream.fromSeed(training.seed).fork('latents');
    const figures = await latentPlanes(model, test, count, random, print);
    await writeLatentProjector(folder.path, model, test, count);
    return { figures };
  },
};

const walk: ModelCommand<VaeConfig, Vae> = {
  description: 'walk through the latent space: figures/latent-walk.gif, animated',
  async run({ config: { training }, model, folder, print }) {
    print(await writeLatentWalk(folder, model, RandomStream.fromSeed(training.seed).fork('walk')));
  },
};

process.exitCode = await runCommandLine({
  system: 'vae',
  description: 'Autoencoders on MNIST: plain, variational, importance-weighted; judged by a network of their own',
  config,
  load: ({ config: settings, dataPath }) => loadData(settings, dataPath),
  restore({ config: settings, weights }) {
    const [, latentSize] = weights['decoder.0.weight']?.shape ?? [];
    if (latentSize !== undefined && latentSize !== settings.model.latentSize)
      throw new UserError(
        `model.latentSize: expected ${latentSize}, which the checkpoint has, got ${settings.model.latentSize}`,
      );
    const model = createModel(settings);
    model.loadStateDict(weights);
    return model;
  },
  baselines: ({ training, test }) => baselines(training, test),
  figures: ({ model, data, config: { training } }) => drawFigures(model, data.test, training.seed),
  learningCurve: { yName: 'loss (nats per image)' },
  train: {
    async run({ config: settings, data, ...context }) {
      const { model, result } = await train(settings, data, context);
      if (result.status === 'stopped') return { model, result };
      const found = settings.data.heldOutDigit === null ? undefined : await findAnomalies(model, data, settings);
      const judged = settings.evaluation.verified
        ? await verificationReport({ ...context, model, test: data.test }, { ...USUAL, seed: settings.training.seed })
        : undefined;
      return {
        model,
        result,
        metrics: { ...judged?.metrics, ...(found && { anomalies: found.areas }) },
        baselines: { ...judged?.baselines },
        figures: { ...found?.figures },
      };
    },
  },
  studies: { gray, likelihood, anomalies: anomalyStudy },
  commands: {
    evaluate: async ({ model, data, config: settings }) => ({
      metrics: { test: await evaluate(model, data.test, settings) },
    }),
    verify,
    anomalies,
    latents,
  },
  modelCommands: { sample, walk },
});
