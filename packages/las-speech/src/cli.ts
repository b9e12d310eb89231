#!/usr/bin/env node
import { runCommandLine } from '@motley/core/node';
import { measureBaselines } from './baselines.ts';
import { config } from './config.ts';
import { restoreModel } from './create-model.ts';
import { metricsOfParts, type TranscribedParts, transcribeParts } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { hmmCommand } from './hmm-command.ts';
import type { ListenAttendSpell } from './model.ts';
import { openSpeech } from './open-speech.ts';
import { fetchCommand, sayCommand } from './plain-commands.ts';
import { predictCommand } from './predict-command.ts';
import { studies } from './study.ts';
import { train } from './train.ts';

/** Says what takes time before the training: standard output is for results. */
function progressLine(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Transcriptions of the test sets by each model, so that the figures of a training need not listen again. */
const heard = new WeakMap<ListenAttendSpell, TranscribedParts>();

process.exitCode = await runCommandLine({
  system: 'las-speech',
  description: 'Listen, Attend and Spell (Chan et al., 2016): from sound to letters',
  config,
  load: ({ config: settings, dataPath, signal }) => openSpeech(settings, dataPath, { report: progressLine, signal }),
  restore: ({ config: settings, weights }) => restoreModel(settings, weights),
  learningCurve: { yName: 'loss (nats per symbol)' },
  train: {
    async run({ config: settings, data, print, ...context }) {
      const { model, result } = await train(settings, data, context);
      if (result.status === 'stopped') return { model, result };
      const transcribed = await transcribeParts(model, settings, data.tests, context.compile);
      heard.set(model, transcribed);
      return { model, result, metrics: metricsOfParts(transcribed, print) };
    },
  },
  baselines: measureBaselines,
  figures: async ({ config: settings, model, data, ...context }) =>
    drawFigures(model, settings, data, {
      ...context,
      transcribed: heard.get(model) ?? (await transcribeParts(model, settings, data.tests, context.compile)),
    }),
  studies,
  plainCommands: { say: sayCommand, fetch: fetchCommand },
  modelCommands: { predict: predictCommand },
  commands: {
    hmm: hmmCommand,
    evaluate: async ({ config: settings, model, data, compile, print }) => ({
      metrics: metricsOfParts(await transcribeParts(model, settings, data.tests, compile), print),
    }),
  },
});
