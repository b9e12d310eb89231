#!/usr/bin/env node
import { join } from 'node:path';
import type { ResumePoint } from '@motley/core';
import { runCommandLine, type TrainedCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { type CommandContext, readMetrics, userPath, writeFileAtomically } from '@motley/run/node';
import { z } from 'zod';
import { config, type TransformerConfig } from './config.ts';
import { exportPairs } from './export.ts';
import { drawFigures, translationsPage } from './figures.ts';
import type { Transformer } from './model.ts';
import { Translator } from './predict.ts';
import { openProblem, tokenizerOfCheckpoint, type Problem } from './problem.ts';
import { sentencesToTranslate } from './reading.ts';
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
  output: z.string().nullable().default(null).describe('printed; a file gets the translations alone, a line each'),
  beam: z.int().min(1).max(64).nullable().default(null).describe("the run's own (decoding.beam)"),
  stream: z.boolean().default(false).describe('whole translations; given, word by word and greedily'),
};

const predict: TrainedCommand<TransformerConfig, typeof predictOptions> = {
  description: 'translate sentences: arguments, a file, or standard input line by line',
  texts: 'sentences; without any and without --file, the lines of standard input',
  options: predictOptions,
  async run({ config: settings, checkpoint, compile, texts, options: { file, output, beam, stream }, ...printer }) {
    if (stream && beam !== null && beam > 1)
      throw new UserError(`--stream: expected --beam 1, for a wider one ends before its words are known, got ${beam}`);
    const tokenizer = await tokenizerOfCheckpoint(settings, checkpoint.weights);
    const model = restoreModel(settings, tokenizer, checkpoint.weights);
    const decoding = { ...settings.decoding, ...(beam !== null && { beam }) };
    const translator = new Translator(model, tokenizer, decoding, compile);
    let written = '';
    const write = output === null ? printer.write : (text: string) => (written += text);
    for await (const { sentences, place } of sentencesToTranslate(
      texts,
      file === null ? undefined : userPath(file, 'predict'),
    )) {
      if (!stream) write((await translator.translate(sentences, place)).map((each) => `${each}\n`).join(''));
      else
        for (const [index, sentence] of sentences.entries()) {
          for await (const piece of translator.stream(sentence, place(index))) write(piece);
          write('\n');
        }
    }
    translator.dispose();
    if (output !== null) await writeFileAtomically(userPath(output, 'predict'), written);
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
