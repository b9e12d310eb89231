#!/usr/bin/env node
import { runCommandLine } from '@motley/core/node';
import { config } from './config.ts';
import { openSpeech } from './open-speech.ts';
import { evaluateAll } from './evaluate.ts';
import { restoreModel, train } from './train.ts';

process.exitCode = await runCommandLine({
  system: 'las-speech',
  description: 'Listen, Attend and Spell (Chan et al., 2016): from sound to letters',
  config,
  load: ({ config: settings }) => openSpeech(settings),
  restore: ({ config: settings, weights }) => restoreModel(settings, weights),
  learningCurve: { yName: 'loss (nats per symbol)' },
  train: { run: ({ config: settings, data, ...context }) => train(settings, data, context) },
  commands: {
    evaluate: async ({ config: settings, model, data, print }) => ({
      metrics: await evaluateAll(model, settings, data, print),
    }),
  },
});
