#!/usr/bin/env node
import { join } from 'node:path';
import { restored } from '@motley/core';
import { runCommandLine, type FigureContext, type ModelCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { writeFileAtomically, type Figure, loadImage } from '@motley/run/node';
import { config, type ShapesConfig } from './config.ts';
import { controlledAccuracies } from './controls.ts';
import { TestEvaluator } from './evaluate.ts';
import { drawFigures, tensorOf } from './figures.ts';
import { CLASS_NAMES, type ShapesCnn } from './model.ts';
import { renderNotebook } from './notebook.ts';
import { classify } from './predict.ts';
import { createModel, train } from './train.ts';

/** Draws the figures of a trained model, and writes notebook.html for readers who have not seen the code. */
async function draw({
  config: settings,
  model,
  data: evaluator,
  records,
  baselines,
  folder,
  print,
}: FigureContext<ShapesConfig, TestEvaluator, ShapesCnn>): Promise<Record<string, Figure>> {
  const evaluation = await evaluator.evaluation(model);
  const findings = { evaluation, controls: await controlledAccuracies(model, settings), records };
  const figures = await drawFigures(model, settings, findings);
  const path = join(folder.path, 'notebook.html');
  const parameters = model.parameterCount();
  await writeFileAtomically(path, renderNotebook({ ...findings, figures, baselines, settings, parameters }));
  print(`notebook: ${path}`);
  return figures;
}

const predict: ModelCommand<ShapesConfig, ShapesCnn> = {
  description: 'classify pictures',
  files: 'PNG or JPEG pictures of any size',
  async run({ config: { data }, model, files, print }) {
    if (files.length === 0) throw new UserError('predict: expected PNG or JPEG files, got none');
    const size = { height: data.imageSize, width: data.imageSize };
    const images: Uint8Array[] = [];
    for (const file of files) images.push((await loadImage(file, { size })).values);
    const pictures = tensorOf(images, data.imageSize);
    const metrics = new Map<string, Record<string, number>>();
    const probabilities = classify(model, pictures);
    const rows = (await probabilities.array()) as number[][];
    for (const [index, file] of files.entries()) {
      const shares = CLASS_NAMES.map((name, label) => [name, Number(rows[index]![label]!.toFixed(8))] as const);
      metrics.set(file, Object.fromEntries(shares));
      const best = shares.toSorted((a, b) => b[1] - a[1]).slice(0, 3);
      print(`${file}: ${best.map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`).join(', ')}`);
    }
    pictures.dispose();
    probabilities.dispose();
    return { metrics: Object.fromEntries(metrics) };
  },
};

process.exitCode = await runCommandLine({
  system: 'shapes-cnn',
  description: 'A residual CNN that classifies ten shapes, each picture generated on the fly and seen only once',
  config,
  load: ({ config: settings }) => new TestEvaluator(settings),
  restore: ({ config: settings, weights }) => restored(createModel(settings), weights),
  baselines: (evaluator) => evaluator.baselines(),
  figures: draw,
  train: {
    async run({ config: settings, data: evaluator, print, ...context }) {
      const { model, result, waiting } = await train(settings, evaluator, context);
      const share = (100 * waiting.waitShare).toFixed(1);
      print(`waited for pictures: ${waiting.waitTimeInSeconds.toFixed(1)} s, ${share} % of the training's time`);
      return { model, result, metrics: { data: { ...waiting } } };
    },
  },
  commands: {
    evaluate: async ({ model, data }) => ({ metrics: { test: (await data.evaluation(model)).metrics } }),
  },
  modelCommands: { predict },
});
