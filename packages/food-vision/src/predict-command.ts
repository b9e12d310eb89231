import type { ModelCommand } from '@motley/core/node';
import { shown, UserError } from '@motley/run';
import { z } from 'zod';
import { bar } from './bar.ts';
import { readClasses } from './classes.ts';
import type { FoodVisionConfig } from './config.ts';
import { labelsOption } from './names/names-command.ts';
import type { ImageClassifier } from './networks/image-classifier.ts';
import { readPicture } from './pictures/decode.ts';
import { frame } from './pictures/framing.ts';
import { classify, seeingOf } from './predict.ts';

const options = {
  // With it, the command line has another command of this name, which needs no run.
  labels: labelsOption,
  top: z.int().min(1).default(3).describe('classes shown for each picture, the most probable first'),
};

/** Classifies pictures. */
export const predictCommand: ModelCommand<FoodVisionConfig, ImageClassifier, typeof options> = {
  description: 'classify pictures',
  files: 'JPEG, PNG or WebP pictures of any size',
  options,
  async run({ config: settings, model, files, options: { top }, runPath, print }) {
    if (files.length === 0) throw new UserError('predict: expected JPEG, PNG or WebP files, got none');
    const { classes, framing } = await readClasses(runPath);
    const outputs = model.head.weight.shape[0];
    if (classes.length !== outputs)
      throw new UserError(`${runPath}: expected ${outputs} classes, found ${shown(classes.length)}`);
    const seeing = seeingOf(settings);
    const longest = classes.reduce((most, { length }) => Math.max(most, length), 0);
    const metrics = new Map<string, Record<string, number>>();
    for (const file of files) {
      const begin = performance.now();
      const { values } = frame(await readPicture(file), seeing.preprocessing, framing);
      const seen = performance.now();
      const probabilities = classify(model, values, seeing);
      const shares = await probabilities.data<'float32'>();
      probabilities.dispose();
      const end = performance.now();
      print(`${file}: ${(end - begin).toFixed(0)} ms, ${(end - seen).toFixed(0)} of them in the network`);
      const order = Array.from(classes.keys()).sort((a, b) => shares[b]! - shares[a]!);
      for (const label of order.slice(0, top))
        print(
          `  ${classes[label]!.padEnd(longest)} ${bar(shares[label]!)} ${(100 * shares[label]!).toFixed(1).padStart(5)} %`,
        );
      metrics.set(file, Object.fromEntries(order.map((label) => [classes[label]!, Number(shares[label]!.toFixed(8))])));
    }
    return { metrics: Object.fromEntries(metrics) };
  },
};
