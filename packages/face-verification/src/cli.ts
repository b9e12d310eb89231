#!/usr/bin/env node
import { fetchCommand, runCommandLine } from '@motley/core/node';
import { config } from './config.ts';
import { baselinePictures, loadData } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { identifyCommand, predictCommand, verifyCommand } from './faces-command.ts';
import { drawFigures } from './figures.ts';
import { orlFaces } from './sources/orl.ts';
import { studies } from './study.ts';
import { restoreModel, train } from './train.ts';

/** Says what takes time, or what is wrong with a training: standard output is for results. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await runCommandLine({
  system: 'face-verification',
  description: 'Whether two pictures show one person: ConvNeXt with center loss and margin losses',
  config,
  load: ({ config: settings, dataPath, signal }) => loadData(settings, dataPath, { signal, say }),
  restore: ({ config: settings, weights }) => restoreModel(settings, weights),
  baselines: async (data, settings) => baselines(settings, data, await baselinePictures(settings, data)),
  figures: async ({ config: settings, model, data }) => drawFigures(data, await evaluate(model, settings, data)),
  learningCurve: { yName: 'cross-entropy (nats)' },
  train: {
    run: ({ config: settings, data, ...context }) => train(settings, data, context, say),
  },
  commands: {
    evaluate: async ({ config: settings, model, data }) => ({
      metrics: { test: (await evaluate(model, settings, data)).metrics },
    }),
    verify: verifyCommand,
    identify: identifyCommand,
  },
  modelCommands: { predict: predictCommand },
  studies,
  plainCommands: { fetch: fetchCommand([orlFaces], 'faces') },
});
