#!/usr/bin/env node
import { join } from 'node:path';
import { RandomStream } from '@motley/core';
import { runCommandLine, type TrainedCommand } from '@motley/core/node';
import { readMetrics, type RunFolder } from '@motley/run/node';
import { z } from 'zod';
import { config, type CharRnnConfig } from './config.ts';
import { loadData } from './data.ts';
import { baselines, measure } from './evaluate.ts';
import { drawFigures, type Drawn } from './figures.ts';
import { sample as write } from './sample.ts';
import { restoreModel, train, vocabularyOfCheckpoint } from './train.ts';
import { promptSymbols, tokenizerOf } from './vocabulary.ts';

async function writeFigures(folder: RunFolder, drawn: Omit<Drawn, 'records'>, step: number): Promise<void> {
  const records = await readMetrics(join(folder.path, 'metrics.jsonl'));
  for (const [name, figure] of Object.entries(await drawFigures({ ...drawn, records })))
    await folder.writeFigure(name, figure, step);
}

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

const sample: TrainedCommand<CharRnnConfig, typeof sampleOptions> = {
  description: 'write on from a prompt',
  options: sampleOptions,
  async run({ config: settings, checkpoint, options: { prompt, length, ...options }, print }) {
    const tokenizer = tokenizerOf(await vocabularyOfCheckpoint(checkpoint.weights), settings.data.level);
    const start = promptSymbols(tokenizer, prompt);
    const model = await restoreModel(settings, checkpoint.weights);
    const random = RandomStream.fromSeed(settings.training.seed).fork('sample');
    const { symbols } = await write(model, start, length, options, random);
    print(prompt + tokenizer.decode(symbols));
    return { parameters: model.parameterCount() };
  },
};

process.exitCode = await runCommandLine({
  system: 'char-rnn',
  description: 'A two-layer LSTM from its equations that learns to write, character by character',
  config,
  train: {
    description: 'train on the first nine tenths of a text, measure and draw the best checkpoint on the last tenth',
    async run({ config: settings, dataPath, folder, ...surroundings }) {
      const data = await loadData(settings, dataPath);
      const { model, result } = await train(settings, data, surroundings);
      if (result.status === 'stopped') return result;
      const drawn = { model, data, baselines: baselines(data), seed: settings.training.seed };
      await writeFigures(folder, drawn, result.bestStep);
      return { ...result, baselines: drawn.baselines };
    },
  },
  commands: {
    evaluate: {
      description: "measure a run on the last tenth of a text, beside n-grams of the text's first nine tenths",
      async run({ config: settings, dataPath, checkpoint }) {
        const data = await loadData(settings, dataPath, await vocabularyOfCheckpoint(checkpoint.weights));
        const model = await restoreModel(settings, checkpoint.weights);
        return {
          parameters: model.parameterCount(),
          metrics: { validation: await measure(model, data) },
          baselines: baselines(data),
        };
      },
    },
    sample,
    figures: {
      description: 'draw the learning curve, surprise and cells over a passage, samples at several temperatures',
      async run({ config: settings, dataPath, checkpoint, folder }) {
        const data = await loadData(settings, dataPath, await vocabularyOfCheckpoint(checkpoint.weights));
        const model = await restoreModel(settings, checkpoint.weights);
        const drawn = { model, data, baselines: baselines(data), seed: settings.training.seed };
        await writeFigures(folder, drawn, checkpoint.step);
        return { parameters: model.parameterCount() };
      },
    },
  },
});
