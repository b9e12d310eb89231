#!/usr/bin/env node
import { join } from 'node:path';
import { type Metrics, RandomNumbers, type ScratchArray, UserError } from '@motley/run';
import { readMetrics, type RunFolder, runScratchCommandLine, type ScratchTrainedCommand } from '@motley/run/node';
import { z } from 'zod';
import { config, type ByHandConfig } from './config.ts';
import { encode, loadData, vocabularyOf, type TextData, type Vocabulary } from './data.ts';
import { baselines, measure } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import type { RecurrentNetwork } from './model.ts';
import { sample as write } from './sample.ts';
import { createNetwork, train } from './train.ts';

type Weights = Readonly<Record<string, ScratchArray>>;

/** @throws UserError where the checkpoint has no vocabulary */
function vocabularyIn({ vocabulary }: Weights, { data }: ByHandConfig): Vocabulary {
  if (!(vocabulary?.values instanceof Int32Array))
    throw new UserError('checkpoint: expected "vocabulary" int32, found none');
  return vocabularyOf(vocabulary.values, data.level);
}

function restore(settings: ByHandConfig, weights: Weights): { network: RecurrentNetwork; vocabulary: Vocabulary } {
  const vocabulary = vocabularyIn(weights, settings);
  const network = createNetwork(settings, vocabulary.tokenizer.vocabularySize);
  network.load(weights);
  return { network, vocabulary };
}

async function writeFigures(
  folder: RunFolder,
  network: RecurrentNetwork,
  data: TextData,
  beside: Readonly<Record<string, Metrics>>,
  step: number,
): Promise<void> {
  const records = await readMetrics(join(folder.path, 'metrics.jsonl'));
  for (const [name, figure] of Object.entries(drawFigures(network, data, records, beside)))
    await folder.writeFigure(name, figure, step);
}

const sampleOptions = {
  prompt: z.string().default('\n').describe('the text to go on from; a new line by default'),
  length: z.int().min(1).max(1_000_000).default(500).describe('symbols: about a page'),
  temperature: z.number().min(0).max(100).default(0.8).describe('below 1 more careful; 0 takes the likeliest symbols'),
};

const sample: ScratchTrainedCommand<ByHandConfig, typeof sampleOptions> = {
  description: 'write on from a prompt',
  options: sampleOptions,
  // eslint-disable-next-line @typescript-eslint/require-await -- commands that read files wait; this one has nothing to read
  async run({ config: settings, checkpoint, options: { prompt, length, temperature }, print }) {
    const { network, vocabulary } = restore(settings, checkpoint.weights);
    const start = encode(vocabulary, prompt, '--prompt');
    if (start.length === 0) throw new UserError('--prompt: expected a character or more, got none');
    const random = RandomNumbers.fromSeed(settings.training.seed).fork('sample');
    print(prompt + vocabulary.tokenizer.decode(write(network, start, length, temperature, random)));
    return { parameters: network.parameterCount() };
  },
};

process.exitCode = await runScratchCommandLine({
  system: 'char-rnn-by-hand',
  description: 'A two-layer recurrent network by hand on plain arrays that learns to write, character by character',
  precision: 'float32',
  config,
  train: {
    description: 'train on the first nine tenths of a text, measure and draw the best checkpoint on the last tenth',
    async run({ config: settings, dataPath, folder, ...surroundings }) {
      const { resume } = surroundings;
      const data = await loadData(settings.data, dataPath, resume && vocabularyIn(resume.weights, settings));
      const { network, result } = await train(settings, data, surroundings);
      if (result.status === 'stopped') return result;
      const beside = baselines(data);
      await writeFigures(folder, network, data, beside, result.bestStep);
      return { ...result, baselines: beside };
    },
  },
  commands: {
    evaluate: {
      description: "measure a run on the last tenth of a text, beside n-grams of the text's first nine tenths",
      async run({ config: settings, dataPath, checkpoint }) {
        const { network, vocabulary } = restore(settings, checkpoint.weights);
        const data = await loadData(settings.data, dataPath, vocabulary);
        return {
          parameters: network.parameterCount(),
          metrics: { validation: measure(network, data) },
          baselines: baselines(data),
        };
      },
    },
    sample,
    figures: {
      description: 'draw the learning curve, and a passage coloured by the units that follow something in it',
      async run({ config: settings, dataPath, checkpoint, folder }) {
        const { network, vocabulary } = restore(settings, checkpoint.weights);
        const data = await loadData(settings.data, dataPath, vocabulary);
        await writeFigures(folder, network, data, baselines(data), checkpoint.step);
        return { parameters: network.parameterCount() };
      },
    },
  },
});
