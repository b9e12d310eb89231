#!/usr/bin/env node
import { runCommandLine } from '@motley/core/node';
import { config } from './config.ts';
import { openSpeech } from './open-speech.ts';
import { evaluateParts } from './evaluate.ts';
import { fetchCommand, sayCommand } from './plain-commands.ts';
import { studies } from './study.ts';
import { restoreModel, train } from './train.ts';

/** Says what takes time before the training: standard output is for results. */
function progressLine(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await runCommandLine({
  system: 'las-speech',
  description: 'Listen, Attend and Spell (Chan et al., 2016): from sound to letters',
  config,
  load: ({ config: settings, dataPath }) => openSpeech(settings, dataPath, progressLine),
  restore: ({ config: settings, weights }) => restoreModel(settings, weights),
  learningCurve: { yName: 'loss (nats per symbol)' },
  train: {
    async run({ config: settings, data, print, ...context }) {
      const { model, result } = await train(settings, data, context);
      if (result.status === 'stopped') return { model, result };
      return { model, result, metrics: await evaluateParts(model, settings, data.tests, print) };
    },
  },
  studies,
  plainCommands: { say: sayCommand, fetch: fetchCommand },
  commands: {
    evaluate: async ({ config: settings, model, data, print }) => ({
      metrics: await evaluateParts(model, settings, data.tests, print),
    }),
  },
});
