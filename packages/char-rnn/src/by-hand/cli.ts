#!/usr/bin/env node
import { RandomNumbers, UserError, type NamedArrays } from '@motley/run';
import { runCommandLine, type ArrayTypes, type ModelCommand } from '@motley/run/node';
import { z } from 'zod';
import { BASELINE_NAMES } from '../text-figures.ts';
import { config, type ByHandConfig } from './config.ts';
import { createNetwork } from './create-network.ts';
import { encode, loadData, vocabularyOf, type Vocabulary } from './data.ts';
import { baselines, measure } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import type { RecurrentNetwork } from './model.ts';
import { sample as generate } from './sample.ts';
import { train } from './train.ts';

/** @throws UserError if the checkpoint has no vocabulary */
function vocabularyIn({ vocabulary }: NamedArrays, { data }: ByHandConfig): Vocabulary {
  if (!(vocabulary?.values instanceof Int32Array))
    throw new UserError('checkpoint: expected "vocabulary" int32, found none');
  return vocabularyOf(vocabulary.values, data.level);
}

const sampleOptions = {
  prompt: z.string().default('\n').describe('text to continue; a new line by default'),
  length: z.int().min(1).max(1_000_000).default(500).describe('symbols to generate; about a page'),
  temperature: z
    .number()
    .min(0)
    .max(100)
    .default(0.8)
    .describe('divides the logits; lower is more conservative, 0 takes the most probable symbol'),
};

const sample: ModelCommand<ByHandConfig, ArrayTypes, RecurrentNetwork, typeof sampleOptions> = {
  description: 'generate text from a prompt',
  options: sampleOptions,
  run({ config: settings, model, weights, options: { prompt, length, temperature }, print }) {
    const vocabulary = vocabularyIn(weights, settings);
    const start = encode(vocabulary, prompt, '--prompt');
    if (start.length === 0) throw new UserError('--prompt: expected a character or more, got none');
    const random = RandomNumbers.fromSeed(settings.training.seed).fork('sample');
    print(prompt + vocabulary.tokenizer.decode(generate(model, start, length, temperature, random)));
  },
};

process.exitCode = await runCommandLine({
  system: 'char-rnn-by-hand',
  description: 'Character-level language model: a two-layer recurrent network by hand on plain arrays',
  precision: 'float32',
  config,
  load: ({ config: settings, dataPath, weights }) =>
    loadData(settings.data, dataPath, weights && vocabularyIn(weights, settings)),
  restore({ config: settings, weights }) {
    const network = createNetwork(settings, vocabularyIn(weights, settings).tokenizer.vocabularySize);
    network.load(weights);
    return network;
  },
  baselines: (data) => baselines(data),
  figures: ({ model, data }) => drawFigures(model, data),
  learningCurve: { yName: 'loss (nats per symbol)', baselines: BASELINE_NAMES },
  train: {
    description: 'train on the first 90 % of a text; evaluate and draw the best checkpoint on the last 10 %',
    run: ({ config: settings, data, ...context }) => train(settings, data, context),
  },
  commands: {
    evaluate: {
      description: 'evaluate a run on the last 10 % of a text, with n-gram baselines',
      run: ({ model, data }) => ({ metrics: { validation: measure(model, data) } }),
    },
  },
  modelCommands: { sample },
});
