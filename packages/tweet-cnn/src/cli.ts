#!/usr/bin/env node
import { fetchCommand, runCommandLine, type ModelCommand } from '@motley/core/node';
import { printable, shown, UserError } from '@motley/run';
import { config, type TweetCnnConfig } from './config.ts';
import { restoreModel } from './create-model.ts';
import { loadData } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import type { TextCnn } from './model.ts';
import { gramOf, strongestWindows } from './ngram-table.ts';
import { readTexts } from './predict.ts';
import { embeddings, pooling, splits } from './study.ts';
import { train } from './train.ts';
import { labelsOfCheckpoint } from './vocabulary.ts';
import { miniLm } from './word-pieces.ts';

const GUESSES_SHOWN = 3;
const WINDOWS_SHOWN = 3;
/** Characters of a text that are printed again. */
const TEXT_SHOWN = 300;

const predictTexts: ModelCommand<TweetCnnConfig, TextCnn> = {
  description: 'classify texts, and name the n-grams that decided',
  texts: 'texts, each in quotes',
  async run({ model, texts, config: settings, print }) {
    if (texts.length === 0) throw new UserError('predict: expected at least one text (predict "TEXT"…), got none');
    const { classNames } = model.labels;
    const length = settings.data.source === 'synthetic' ? settings.data.lengths[1]! : settings.data.longest;
    for (const [index, { words, symbols, guesses }] of (await readTexts(model, texts, length)).entries()) {
      if (words.length === 0) throw new UserError(`predict: expected a text with a word, got ${shown(texts[index]!)}`);
      const shares = guesses
        .slice(0, GUESSES_SHOWN)
        .map(({ className, probability }) => `${className} ${(100 * probability).toFixed(1)} %`);
      print(`${printable(texts[index]!, TEXT_SHOWN)}: ${shares.join(', ')}`);
      const label = classNames.indexOf(guesses[0]!.className);
      const windows = await strongestWindows(model, symbols, label, WINDOWS_SHOWN);
      const grams = windows.map(
        ({ start, width, evidence }) =>
          `"${gramOf(symbols, start, width, model.labels.vocabulary.words)}" +${evidence.toFixed(2)}`,
      );
      if (grams.length > 0) print(`  decided by ${grams.join(', ')}`);
    }
  },
};

process.exitCode = await runCommandLine({
  system: 'tweet-cnn',
  description: 'A convolutional network for sentences: which words, which camp',
  config,
  load: async ({ config: settings, dataPath, weights, isTraining }) =>
    loadData(settings, dataPath, weights === undefined || isTraining ? undefined : await labelsOfCheckpoint(weights)),
  restore: ({ config: settings, weights }) => restoreModel(settings, weights),
  baselines: (data) => baselines(data),
  figures: ({ model, data }) => drawFigures(model, data),
  learningCurve: { yName: 'cross-entropy (nats per text)', baselines: { optimum: 'optimum', tfIdfWords: 'TF-IDF' } },
  train: { run: ({ config: settings, data, ...context }) => train(settings, data, context) },
  studies: { pooling, embeddings, splits },
  commands: {
    evaluate: async ({ model, data }) => ({ metrics: { test: await evaluate(model, data, data.test) } }),
  },
  modelCommands: { predict: predictTexts },
  plainCommands: { fetch: fetchCommand([miniLm]) },
});
