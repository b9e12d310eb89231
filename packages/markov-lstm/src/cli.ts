#!/usr/bin/env node
import { join } from 'node:path';
import { runCommandLine } from '@motley/core/node';
import { readMetrics, type RunFolder, writeFileAtomically } from '@motley/run/node';
import { config } from './config.ts';
import { generateSymbols, type SymbolData } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { predictionTable } from './predict.ts';
import * as studies from './study.ts';
import { restoreModel, train } from './train.ts';

async function writeFigures(folder: RunFolder, data: SymbolData, step: number): Promise<void> {
  const records = await readMetrics(join(folder.path, 'metrics.jsonl'));
  for (const [name, figure] of Object.entries(drawFigures({ data, records })))
    await folder.writeFigure(name, figure, step);
}

process.exitCode = await runCommandLine({
  system: 'markov-lstm',
  description: 'An LSTM that remembers over long delays: predicts the next symbol of generated Markov sequences',
  config,
  studies,
  train: {
    description: 'train, then measure the best checkpoint (by validation) on the test part',
    async run({ config: settings, folder, ...surroundings }) {
      const data = generateSymbols(settings);
      const { result } = await train(settings, data, surroundings);
      if (result.status === 'stopped') return result;
      await writeFigures(folder, data, result.bestStep);
      return { ...result, baselines: baselines(data, settings.evaluation.lags) };
    },
  },
  commands: {
    evaluate: {
      description: 'measure a run on the test part, beside baselines and the optimum',
      async run({ config: settings, checkpoint }) {
        const data = generateSymbols(settings);
        const model = restoreModel(settings, data, checkpoint.weights);
        return {
          parameters: model.parameterCount(),
          metrics: { test: await evaluate(model, data.test, data.chain) },
          baselines: baselines(data, settings.evaluation.lags),
        };
      },
    },
    predict: {
      description: 'predict the last symbol of the test part: prints each probability beside the true one',
      async run({ config: settings, checkpoint, folder, print }) {
        const data = generateSymbols(settings);
        const model = restoreModel(settings, data, checkpoint.weights);
        const lines = await predictionTable(model, data);
        lines.forEach(print);
        await writeFileAtomically(join(folder.path, 'predictions.csv'), `${lines.join('\n')}\n`);
        return { parameters: model.parameterCount() };
      },
    },
    figures: {
      description: 'draw the learning curve beside the entropy rate',
      async run({ config: settings, checkpoint, folder }) {
        const data = generateSymbols(settings);
        const model = restoreModel(settings, data, checkpoint.weights);
        await writeFigures(folder, data, checkpoint.step);
        return { parameters: model.parameterCount() };
      },
    },
  },
});
