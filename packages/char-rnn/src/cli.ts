#!/usr/bin/env node
import { RandomStream } from '@motley/core';
import { runCommandLine, type ModelCommand } from '@motley/core/node';
import { z } from 'zod';
import { config, type CharRnnConfig } from './config.ts';
import { restoreModel, vocabularyOfCheckpoint } from './create-model.ts';
import { loadData } from './data.ts';
import { baselines, measure } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import type { CharLstm } from './model.ts';
import { sample as generate } from './sample.ts';
import { BASELINE_NAMES } from './text-figures.ts';
import { train } from './train.ts';
import { promptSymbols, tokenizerOf } from './vocabulary.ts';

const sampleOptions = {
  prompt: z.string().default('').describe('text to continue; empty starts with a new line'),
  length: z.int().min(1).max(1_000_000).default(500).describe('symbols to generate; about a page'),
  temperature: z
    .number()
    .min(0)
    .max(100)
    .default(0.8)
    .describe('divides the logits; lower is more conservative, 0 takes the most probable symbol'),
  topK: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('samples from all symbols; a number samples from that many most probable ones'),
  topP: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('samples from all symbols; 0.9 samples from the most probable ones that make up 90 %'),
};

const sample: ModelCommand<CharRnnConfig, CharLstm, typeof sampleOptions> = {
  description: 'generate text from a prompt',
  options: sampleOptions,
  async run({ config: settings, model, weights, options: { prompt, length, ...options }, print }) {
    const tokenizer = tokenizerOf(await vocabularyOfCheckpoint(weights), settings.data.level);
    const start = promptSymbols(tokenizer, prompt);
    const random = RandomStream.fromSeed(settings.training.seed).fork('sample');
    const { symbols } = await generate(model, start, length, options, random);
    print(prompt + tokenizer.decode(symbols));
  },
};

process.exitCode = await runCommandLine({
  system: 'char-rnn',
  description: 'Character-level language model: a two-layer LSTM written from its equations',
  config,
  load: async ({ config: settings, dataPath, weights, isTraining }) =>
    loadData(settings, dataPath, weights && !isTraining ? await vocabularyOfCheckpoint(weights) : undefined),
  restore: ({ config: settings, weights }) => restoreModel(settings, weights),
  baselines: (data) => baselines(data),
  figures: ({ model, data, config: { training } }) => drawFigures({ model, data, seed: training.seed }),
  learningCurve: { yName: 'loss (nats per symbol)', baselines: BASELINE_NAMES },
  train: {
    description: 'train on the first 90 % of a text; evaluate and draw the best checkpoint on the last 10 %',
    run: ({ config: settings, data, ...context }) => train(settings, data, context),
  },
  commands: {
    evaluate: {
      description: 'evaluate a run on the last 10 % of a text, with n-gram baselines',
      run: async ({ model, data }) => ({ metrics: { validation: await measure(model, data) } }),
    },
  },
  modelCommands: { sample },
});
