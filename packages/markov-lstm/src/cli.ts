#!/usr/bin/env node
import { join } from 'node:path';
import { runCommandLine } from '@motley/core/node';
import { UserError } from '@motley/run';
import { writeFileAtomically } from '@motley/run/node';
import { config } from './config.ts';
import { generateSymbols } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { predictionTable } from './predict.ts';
import * as studies from './study.ts';
import { restoreModel, train } from './train.ts';

process.exitCode = await runCommandLine({
  system: 'markov-lstm',
  description: 'An LSTM that remembers over long delays: predicts the next symbol of generated Markov sequences',
  config,
  load({ config: settings, dataPath }) {
    if (dataPath !== undefined)
      throw new UserError(`--data: expected none, as this system generates its sequences, got ${dataPath}`);
    return generateSymbols(settings);
  },
  restore: ({ config: settings, data, weights }) => restoreModel(settings, data ?? generateSymbols(settings), weights),
  baselines: (data, { evaluation }) => baselines(data, evaluation.lags),
  learningCurve: { yName: 'cross-entropy (nats)', baselines: { optimum: 'optimum' } },
  train: { run: ({ config: settings, data, ...context }) => train(settings, data, context) },
  studies,
  commands: {
    evaluate: async ({ model, data: { test, chain } }) => ({ metrics: { test: await evaluate(model, test, chain) } }),
    predict: {
      description: 'predict the last symbol of the test part: prints each probability beside the true one',
      run: async ({ model, data, folder, print }) => {
        const lines = await predictionTable(model, data);
        lines.forEach(print);
        await writeFileAtomically(join(folder.path, 'predictions.csv'), `${lines.join('\n')}\n`);
      },
    },
  },
});
