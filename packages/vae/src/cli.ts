#!/usr/bin/env node
import { RandomStream, restored } from '@motley/core';
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
import { MIN_POINTS } from './projection.ts';
import { anomalies as anomalyStudy, gray, likelihood } from './study.ts';
import { createModel, train } from './train.ts';
import { verificationReport } from './verification/report.ts';
import { verifyDefaults } from './verification/verify.ts';

const sampleOptions = {
  count: z.int().min(1).max(10_000).default(100).describe('100 fill a 10 × 10 grid'),
  deviation: z
    .number()
    .positive()
    .max(2)
    .default(1)
    .describe('1 samples the prior itself; below 1: closer to its mean'),
};

const sample: ModelCommand<VaeConfig, Vae, typeof sampleOptions> = {
  description: 'sample images from the prior: figures/samples.png',
  options: sampleOptions,
  async run({ config: { training }, model, options: { count, deviation } }) {
    const random = RandomStream.fromSeed(training.seed).fork('samples');
    return { figures: { samples: await samplesFigure(model, count, random, deviation) } };
  },
};

const probability = z.number().gt(0).lt(1);
const verifyOptions = {
  tolerance: probability.default(verifyDefaults.tolerance).describe('least confidence that counts, for single digits'),
  stackedTolerance: probability
    .default(verifyDefaults.stackedTolerance)
    .describe('least confidence that counts, for three digits'),
  samples: z
    .int()
    .min(1)
    .max(100_000)
    .default(verifyDefaults.samples)
    .describe('generated images per draw; published coverages use 1,000'),
  draws: z.int().min(1).max(100).default(verifyDefaults.draws).describe('repeated draws, for the standard deviation'),
  deviation: sampleOptions.deviation,
};

const verify: DataCommand<VaeConfig, VaeData, Vae, typeof verifyOptions> = {
  description: 'score reconstructions and generated images with the verification network, single and stacked',
  options: verifyOptions,
  run: ({ data: { test }, config: { training }, options, ...context }) =>
    verificationReport({ ...context, test }, { ...options, seed: training.seed }),
};

const anomalyOptions = {
  digit: z
    .int()
    .min(0)
    .max(9)
    .nullable()
    .default(null)
    .describe('the held-out digit of the run; another one is an error'),
};

const anomalies: DataCommand<VaeConfig, VaeData, Vae, typeof anomalyOptions> = {
  description:
    'rank test images by anomaly scores of a run with a held-out digit: areas under the ROC curve, most anomalous images',
  options: anomalyOptions,
  async run({ config: settings, data, model, options: { digit } }) {
    const { areas, figures } = await findAnomalies(model, data, settings, digit);
    return { metrics: { anomalies: areas }, figures };
  },
};

const latentOptions = {
  count: z.int().min(MIN_POINTS).max(70_000).default(10_000).describe('test images to plot; 10,000 are all of MNIST'),
};

const latents: DataCommand<VaeConfig, VaeData, Vae, typeof latentOptions> = {
  description: "plot latents of test images by PCA, t-SNE and UMAP, and export them for TensorBoard's Projector",
  options: latentOptions,
  async run({ config: { training }, data: { test }, model, folder, options: { count }, print }) {
    const random = RandomStream.fromSeed(training.seed).fork('latents');
    const figures = await latentPlanes(model, test, count, random, print);
    await writeLatentProjector(folder.path, model, test, count);
    return { figures };
  },
};

const walk: ModelCommand<VaeConfig, Vae> = {
  description: 'animate a walk through the latent space: figures/latent-walk.gif',
  async run({ config: { training }, model, folder, print }) {
    print(await writeLatentWalk(folder, model, RandomStream.fromSeed(training.seed).fork('walk')));
  },
};

process.exitCode = await runCommandLine({
  system: 'vae',
  description:
    'Autoencoders on MNIST: plain, variational, importance-weighted; with a verification network that scores them',
  config,
  load: ({ config: settings, dataPath }) => loadData(settings, dataPath),
  restore({ config: settings, weights }) {
    const [, latentSize] = weights['decoder.0.weight']?.shape ?? [];
    if (latentSize !== undefined && latentSize !== settings.model.latentSize)
      throw new UserError(
        `model.latentSize: expected ${latentSize} as in the checkpoint, got ${settings.model.latentSize}`,
      );
    return restored(createModel(settings), weights);
  },
  baselines: ({ training, test }) => baselines(training, test),
  figures: ({ model, data, config: { training } }) => drawFigures(model, data.test, training.seed),
  learningCurve: { yName: 'loss (nats per image)' },
  train: {
    async run({ config: settings, data, ...context }) {
      const { model, result } = await train(settings, data, context);
      if (result.status === 'stopped') return { model, result };
      const ranked = settings.data.heldOutDigit === null ? undefined : await findAnomalies(model, data, settings);
      const verified = settings.evaluation.verified
        ? await verificationReport(
            { ...context, model, test: data.test },
            { ...verifyDefaults, seed: settings.training.seed },
          )
        : undefined;
      return {
        model,
        result,
        metrics: { ...verified?.metrics, ...(ranked && { anomalies: ranked.areas }) },
        baselines: { ...verified?.baselines },
        figures: { ...ranked?.figures },
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
