#!/usr/bin/env node
import { join } from 'node:path';
import { loadImage, runCommandLine, type TrainedCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { type CommandContext, readMetrics, writeFileAtomically } from '@motley/run/node';
import { config, type ShapesConfig } from './config.ts';
import { controlledAccuracies } from './controls.ts';
import { openTestStream, openTrainingStream } from './data.ts';
import { baselines, evaluate, type Examination } from './evaluate.ts';
import { drawFigures, tensorOf } from './figures.ts';
import { CLASS_NAMES, type ShapesCnn } from './model.ts';
import { renderNotebook } from './notebook.ts';
import { classify } from './predict.ts';
import { createModel, train } from './train.ts';

type Weights = Parameters<ShapesCnn['loadStateDict']>[0];

function restore(settings: ShapesConfig, { weights }: { readonly weights: Weights }): ShapesCnn {
  const model = createModel(settings);
  model.loadStateDict(weights);
  return model.eval();
}

async function examine(settings: ShapesConfig, model: ShapesCnn): Promise<Examination> {
  const [training, test] = [await openTrainingStream(settings), await openTestStream(settings)];
  try {
    return { evaluation: await evaluate(model, test), baselines: await baselines(training, test) };
  } finally {
    await Promise.all([training.dispose(), test.dispose()]);
  }
}

/** Draws a trained model's pictures and its notebook, whose path is printed. */
async function draw(
  { folder, print }: Pick<CommandContext<ShapesConfig, Readonly<Record<string, never>>>, 'folder' | 'print'>,
  settings: ShapesConfig,
  model: ShapesCnn,
  { evaluation, baselines: known }: Examination,
  step: number,
): Promise<void> {
  const controls = await controlledAccuracies(model, settings);
  const records = await readMetrics(join(folder.path, 'metrics.jsonl'));
  const findings = { evaluation, controls, records };
  const figures = await drawFigures(model, settings, findings);
  for (const [name, figure] of Object.entries(figures)) await folder.writeFigure(name, figure, step);
  const path = join(folder.path, 'notebook.html');
  const parameters = model.parameterCount();
  await writeFileAtomically(path, renderNotebook({ ...findings, figures, baselines: known, settings, parameters }));
  print(`for readers: ${path}`);
}

const predict: TrainedCommand<ShapesConfig> = {
  description: 'say what pictures show',
  files: 'PNG or JPEG pictures of any size',
  async run({ config: settings, checkpoint, files, print }) {
    if (files.length === 0) throw new UserError('predict: expected PNG or JPEG files, got none');
    const { imageSize } = settings.data;
    const size = { height: imageSize, width: imageSize };
    const images: Uint8Array[] = [];
    for (const file of files) images.push((await loadImage(file, { size })).values);
    const model = restore(settings, checkpoint);
    const [pictures, metrics] = [tensorOf(images, imageSize), new Map<string, Record<string, number>>()];
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
    return { parameters: model.parameterCount(), metrics: Object.fromEntries(metrics) };
  },
};

process.exitCode = await runCommandLine({
  system: 'shapes-cnn',
  description: 'A convolutional network that tells ten shapes apart, each picture drawn on the fly and seen only once',
  config,
  train: {
    description: 'train on pictures that are drawn as it goes, then examine the best checkpoint on the test stream',
    async run({ config: settings, folder, print, ...surroundings }) {
      const { model, result, waiting, examination } = await train(settings, surroundings);
      if (examination === undefined) return result;
      const share = (100 * waiting.waitShare).toFixed(1);
      print(`waited for pictures: ${waiting.waitTimeInSeconds.toFixed(1)} s, ${share} % of the training's time`);
      await draw({ folder, print }, settings, model, examination, result.bestStep);
      return { ...result, metrics: { ...result.metrics, data: { ...waiting } }, baselines: examination.baselines };
    },
  },
  commands: {
    evaluate: {
      description: 'measure a run on the test stream, beside baselines',
      async run({ config: settings, checkpoint }) {
        const model = restore(settings, checkpoint);
        const { evaluation, baselines: known } = await examine(settings, model);
        return { parameters: model.parameterCount(), metrics: { test: evaluation.metrics }, baselines: known };
      },
    },
    predict,
    figures: {
      description: 'draw what a run learned, and notebook.html: a page for readers who have not seen the code',
      async run({ config: settings, checkpoint, folder, print }) {
        const model = restore(settings, checkpoint);
        await draw({ folder, print }, settings, model, await examine(settings, model), checkpoint.step);
        return { parameters: model.parameterCount() };
      },
    },
  },
});
