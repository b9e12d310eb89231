#!/usr/bin/env node
import { RandomStream } from '@motley/core';
import { runCommandLine, type ModelCommand } from '@motley/core/node';
import { z } from 'zod';
import { config, type CharRnnConfig } from './config.ts';
import { loadData } from './data.ts';
import { baselines, measure } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import type { CharLstm } from './model.ts';
import { sample as write } from './sample.ts';
import { BASELINE_NAMES } from './text-figures.ts';
import { restoreModel, train, vocabularyOfCheckpoint } from './train.ts';
import { promptSymbols, tokenizerOf } from './vocabulary.ts';

const sampleOptions = {
  prompt: z.string().default('').describe('the text to go on from; empty: a new line'),
  length: z.int().min(1).max(1_000_000).default(500).describe('symbols: about a page'),
  temperature: z
    .number()
    .min(0)
    .max(100)
    .default(0.8)
    .describe('below 1 more careful, above 1 wilder; 0 the likeliest'),
  topK: z.int().min(1).nullable().default(null).describe('chooses among all symbols; a number keeps the likeliest'),
  topP: z.number().gt(0).max(1).default(1).describe('chooses among all; 0.9 among those that make up 90 %'),
};

const sample: ModelCommand<CharRnnConfig, CharLstm, typeof sampleOptions> = {
  description: 'continue a prompt',
  options: sampleOptions,
  async run({ config: settings, model, weights, options: { prompt, length, ...options }, print }) {
    const tokenizer = tokenizerOf(await vocabularyOfCheckpoint(weights), settings.data.level);
    const start = promptSymbols(tokenizer, prompt);
    const random = RandomStream.fromSeed(settings.training.seed).fork('sample');
    const { symbols } = await write(model, start, length, options, random);
    print(prompt + tokenizer.decode(symbols));
  },
};

process.exitCode = await runCommandLine({
  system: 'char-rnn',
  description: 'A two-layer LSTM from its equations that learns to write, character by character',
  config,
  load: async ({ config: settings, dataPath, weights }) =>
    loadData(settings, dataPath, weights && (await vocabularyOfCheckpoint(weights))),
  restore: ({ config: settings, weights }) => restoreModel(settings, weights),
  baselines: (data) => baselines(data),
  figures: ({ model, data, config: { training } }) => drawFigures({ model, data, seed: training.seed }),
  learningCurve: { yName: 'loss (nats per symbol)', baselines: BASELINE_NAMES },
  train: {
    description: 'train on the first nine tenths of a text, measure and draw the best checkpoint on the last tenth',
    run: ({ config: settings, data, ...context }) => train(settings, data, context),
  },
  commands: {
    evaluate: {
      description: "measure a run on the last tenth of a text, beside n-grams of the text's first nine tenths",
      run: async ({ model, data }) => ({ metrics: { validation: await measure(model, data) } }),
    },
  },
  modelCommands: { sample },
});
