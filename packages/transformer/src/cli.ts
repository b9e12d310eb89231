#!/usr/bin/env node
import { join } from 'node:path';
import { UserError, type ResumePoint } from '@motley/core';
import {
  loadLines,
  readMetrics,
  runCommandLine,
  userPath,
  writeFileAtomically,
  type CommandContext,
  type TrainedCommand,
} from '@motley/core/node';
import { z } from 'zod';
import { config, type TransformerConfig } from './config.ts';
import { exportPairs } from './export.ts';
import { drawFigures, translationsPage } from './figures.ts';
import type { Transformer } from './model.ts';
import { Translator } from './predict.ts';
import { openProblem, tokenizerOfCheckpoint, type Problem } from './problem.ts';
import { linesAsTheyCome } from './reading.ts';
import { studies } from './study.ts';
import { restoreModel, train } from './train.ts';

type Surroundings = Pick<CommandContext<TransformerConfig, Readonly<Record<string, never>>>, 'config' | 'folder'>;

/** Pictures, and of a translator the page of its translations. */
async function writeFigures(
  { config: settings, folder }: Surroundings,
  model: Transformer,
  problem: Problem,
  { step, compile }: { readonly step: number; readonly compile: ConstructorParameters<typeof Translator>[3] },
): Promise<void> {
  const records = await readMetrics(join(folder.path, 'metrics.jsonl'));
  for (const [name, figure] of Object.entries(await drawFigures(settings, model, problem, records)))
    await folder.writeFigure(name, figure, step);
  if (!('translation' in problem.subject)) return;
  const translator = new Translator(model, problem.tokenizer, settings.decoding, compile);
  const { test } = problem.subject.translation;
  await writeFileAtomically(join(folder.path, 'translations.html'), await translationsPage(translator, test));
  translator.dispose();
}

async function reopen(
  settings: TransformerConfig,
  dataPath: string | undefined,
  { weights }: Pick<ResumePoint, 'weights'>,
): Promise<{ readonly problem: Problem; readonly model: Transformer }> {
  const problem = await openProblem(settings, dataPath, weights);
  return { problem, model: restoreModel(settings, problem.tokenizer, weights) };
}

const predictOptions = {
  file: z.string().nullable().default(null).describe('none; a text in UTF-8, a sentence a line'),
  beam: z.int().min(1).max(64).nullable().default(null).describe("the run's own (decoding.beam)"),
  stream: z.boolean().default(false).describe('whole translations; given, word by word and greedily'),
};

/** What is to be translated, some sentences at a time, and what each is called in messages. */
async function* sentencesOf(texts: readonly string[], file: string | null) {
  if (texts.length > 0 && file !== null) throw new UserError('predict: expected sentences or --file, got both');
  if (file !== null) {
    const path = userPath(file, 'predict');
    yield { sentences: await loadLines(path), place: (index: number) => `${path}: line ${index + 1}` };
  } else if (texts.length > 0) {
    const empty = texts.findIndex((text) => text.trim() === '');
    if (empty >= 0) throw new UserError(`predict: argument ${empty + 1}: expected a sentence, got an empty text`);
    yield { sentences: texts, place: (index: number) => `predict: argument ${index + 1}` };
  } else {
    if (process.stdin.isTTY) process.stderr.write('a sentence a line; Ctrl-D ends\n');
    const name = 'standard input';
    for await (const { lines, firstNumber } of linesAsTheyCome(process.stdin as AsyncIterable<Uint8Array>, name))
      yield { sentences: lines, place: (index: number) => `${name}: line ${firstNumber + index}` };
  }
}

const predict: TrainedCommand<TransformerConfig, typeof predictOptions> = {
  description: 'translate sentences: arguments, a file, or standard input line by line',
  texts: 'sentences; without any and without --file, the lines of standard input',
  options: predictOptions,
  async run({ config: settings, checkpoint, compile, texts, options: { file, beam, stream }, print, write }) {
    if (stream && beam !== null && beam > 1)
      throw new UserError(`--stream: expected --beam 1, for a wider one ends before its words are known, got ${beam}`);
    const tokenizer = await tokenizerOfCheckpoint(settings, checkpoint.weights);
    const model = restoreModel(settings, tokenizer, checkpoint.weights);
    const decoding = { ...settings.decoding, ...(beam !== null && { beam }) };
    const translator = new Translator(model, tokenizer, decoding, compile);
    for await (const { sentences, place } of sentencesOf(texts, file)) {
      if (!stream) (await translator.translate(sentences, place)).forEach(print);
      else
        for (const [index, sentence] of sentences.entries()) {
          for await (const piece of translator.stream(sentence, place(index))) write(piece);
          write('\n');
        }
    }
    translator.dispose();
    return { parameters: model.parameterCount() };
  },
};

process.exitCode = await runCommandLine({
  system: 'transformer',
  description:
    'Attention Is All You Need (Vaswani et al., 2017), that translates English to German, and its playground',
  config,
  train: {
    description: 'train, then measure the best checkpoint (by validation) on the test, beside what needs no network',
    async run({ config: settings, dataPath, folder, ...surroundings }) {
      const problem = await openProblem(settings, dataPath);
      const { model, result } = await train(settings, problem, surroundings);
      if (result.status === 'stopped') return result;
      const { compile } = surroundings;
      await writeFigures({ config: settings, folder }, model, problem, { step: result.bestStep, compile });
      return { ...result, baselines: problem.baselines() };
    },
  },
  studies,
  commands: {
    evaluate: {
      description: 'measure a run on the test, beside what needs no network',
      async run({ config: settings, dataPath, checkpoint, compile }) {
        const { problem, model } = await reopen(settings, dataPath, checkpoint);
        const validation = await problem.examine(model, 'validation', compile);
        const test = await problem.examine(model, 'test', compile);
        return { parameters: model.parameterCount(), metrics: { validation, test }, baselines: problem.baselines() };
      },
    },
    predict,
    figures: {
      description: 'draw the learning curve and attention; of a translator, the page of its translations',
      async run({ dataPath, checkpoint, compile, ...surroundings }) {
        const { problem, model } = await reopen(surroundings.config, dataPath, checkpoint);
        await writeFigures(surroundings, model, problem, { step: checkpoint.step, compile });
        return { parameters: model.parameterCount() };
      },
    },
    export: {
      description: "write a translator's pairs as symbols, and its vocabulary, for other programs: pairs.json",
      async run({ config: settings, dataPath, checkpoint, folder, print }) {
        const { problem, model } = await reopen(settings, dataPath, checkpoint);
        if (!('translation' in problem.subject))
          throw new UserError(`export: expected a run of a translator, got data.source ${settings.data.source}`);
        print(await exportPairs(folder.path, settings, problem.subject.translation));
        return { parameters: model.parameterCount() };
      },
    },
  },
});
