#!/usr/bin/env node
import { join } from 'node:path';
import { runCommandLine, type FigureContext, type ModelCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { userPath, writeFileAtomically } from '@motley/run/node';
import { z } from 'zod';
import { config, type TransformerConfig } from './config.ts';
import { restoreModel, tokenizerOfCheckpoint } from './create-model.ts';
import { exportPairs } from './export.ts';
import { drawFigures, translationsPage } from './figures.ts';
import type { Transformer } from './model.ts';
import { Translator } from './predict.ts';
import { openProblem, type Problem } from './problem.ts';
import { sentencesToTranslate } from './reading.ts';
import { studies } from './study.ts';
import { train } from './train.ts';

const predictOptions = {
  file: z.string().nullable().default(null).describe('none; a UTF-8 text file with one sentence per line'),
  output: z
    .string()
    .nullable()
    .default(null)
    .describe('prints to standard output; a file receives one translation per line'),
  beam: z.int().min(1).max(64).nullable().default(null).describe("the run's decoding.beam"),
  stream: z
    .boolean()
    .default(false)
    .describe('prints whole translations; if set, prints word by word with greedy decoding'),
};

const predict: ModelCommand<TransformerConfig, Transformer, typeof predictOptions> = {
  description: 'translate sentences from arguments, a file, or standard input line by line',
  texts: 'sentences; without any and without --file, reads lines of standard input',
  options: predictOptions,
  async run({ config: settings, model, weights, compile, texts, options, ...printer }) {
    const { file, output, beam, stream } = options;
    if (stream && beam !== null && beam > 1)
      throw new UserError(`--stream: expected --beam 1, as a wider beam knows its words only at the end, got ${beam}`);
    const tokenizer = await tokenizerOfCheckpoint(settings, weights);
    const decoding = { ...settings.decoding, ...(beam !== null && { beam }) };
    const translator = new Translator(model, tokenizer, decoding, compile);
    let written = '';
    const write = output === null ? printer.write : (text: string) => (written += text);
    const read = sentencesToTranslate(texts, file === null ? undefined : userPath(file, 'predict'));
    for await (const { sentences, place } of read) {
      if (!stream) write((await translator.translate(sentences, place)).map((each) => `${each}\n`).join(''));
      else
        for (const [index, sentence] of sentences.entries()) {
          for await (const piece of translator.stream(sentence, place(index))) write(piece);
          write('\n');
        }
    }
    translator.dispose();
    if (output !== null) await writeFileAtomically(userPath(output, 'predict'), written);
  },
};

/** Writes translations of test sentences to `translations.html`. */
async function writeTranslations({
  config: settings,
  model,
  data: { tokenizer, subject },
  folder,
  compile,
}: FigureContext<TransformerConfig, Problem, Transformer>): Promise<void> {
  if (!('translation' in subject)) return;
  const translator = new Translator(model, tokenizer, settings.decoding, compile);
  const page = await translationsPage(translator, subject.translation.test);
  await writeFileAtomically(join(folder.path, 'translations.html'), page);
  translator.dispose();
}

process.exitCode = await runCommandLine({
  system: 'transformer',
  description: 'Transformer (Vaswani et al., 2017): translates English to German, and learns toy tasks',
  config,
  load: ({ config: settings, dataPath, weights, isTraining }) =>
    openProblem(settings, dataPath, isTraining ? undefined : weights),
  restore: async ({ config: settings, weights }) =>
    restoreModel(settings, await tokenizerOfCheckpoint(settings, weights), weights),
  baselines: (problem) => problem.baselines(),
  async figures(context) {
    await writeTranslations(context);
    return drawFigures(context.config, context.model, context.data);
  },
  learningCurve: { yName: 'loss (nats per symbol)' },
  train: { run: ({ config: settings, data, ...context }) => train(settings, data, context) },
  studies,
  commands: {
    evaluate: async ({ model, data, compile }) => ({
      metrics: {
        validation: await data.evaluate(model, 'validation', compile),
        test: await data.evaluate(model, 'test', compile),
      },
    }),
    export: {
      description:
        "write a run's encoded sentence pairs (pairs.json) and vocabulary (vocabulary.json) for other programs",
      run: async ({ config: settings, data: { subject }, folder, print }) => {
        if (!('translation' in subject))
          throw new UserError(`export: expected a run on translation data, got data.source ${settings.data.source}`);
        print(await exportPairs(folder.path, settings, subject.translation));
      },
    },
  },
  modelCommands: { predict },
});
