import { RandomStream, restored, zeros } from '@motley/core';
import { defineDemo, image, labels, picture } from '@motley/core/demo';
import { largest, parseJson, UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { CLASSES_FILE, parseClasses, type RunClasses } from './class-names.ts';
import type { FoodVisionConfig } from './config.ts';
import { createNetwork } from './model.ts';
import type { EfficientNet } from './networks/efficient-net.ts';
import type { ImageClassifier } from './networks/image-classifier.ts';
import { VisionTransformer } from './networks/vision-transformer.ts';
import { frame } from './pictures/framing.ts';
import { enlarge, overlayHeat } from './pictures/overlay.ts';
import { attentionRollout, classActivationMaps, classify, inputOf, type Seeing, seeingOf } from './predict.ts';

interface Loaded {
  readonly model: ImageClassifier;
  readonly classes: readonly string[];
  readonly framing: RunClasses['framing'];
  readonly seeing: Seeing;
}

/** Where the evidence for a class lies, or where a transformer looks: shares [H, W] of the strongest place. */
async function heatOf(model: ImageClassifier, square: Uint8Array, seeing: Seeing, label: number, size: number) {
  const maps = tf.tidy(() => {
    const input = inputOf(square, seeing.preprocessing);
    if (model instanceof VisionTransformer) return tf.expandDims(attentionRollout(model, input), 3);
    return tf.gather(classActivationMaps(model as EfficientNet, input), [label], 3);
  });
  const [, height, width] = maps.shape as [number, number, number];
  const values = await maps.data<'float32'>();
  maps.dispose();
  const strongest = Math.max(1e-9, largest(values));
  return enlarge(values, [height, width], size).map((value) => value / strongest);
}

/** Name the food in a picture. */
export default defineDemo({
  title: 'What is on the plate?',
  description: 'Drop a picture of food. It is resized as for the training, and never leaves this machine.',
  inputs: { picture: picture({ label: 'Picture' }) },
  outputs: {
    food: labels({ top: 6, label: 'Food' }),
    evidence: image({ label: 'Where the evidence lies' }),
  },
  files: [CLASSES_FILE],
  load: ({ weights, config, files }): Loaded => {
    const settings = config as FoodVisionConfig;
    const json = parseJson(new TextDecoder().decode(files[CLASSES_FILE]), CLASSES_FILE, 'the names of the classes');
    const { classes, framing } = parseClasses(json, CLASSES_FILE);
    const random = RandomStream.fromSeed(0);
    const options = { classes: classes.length, random, initializer: zeros };
    const model = restored(createNetwork(settings.model.architecture, options), weights);
    return { model, classes, framing, seeing: seeingOf(settings) };
  },
  run: async ({ model, classes, framing, seeing }, { picture: { width, height, data } }, { signal, emit }) => {
    if (width < 2 || height < 2) throw new UserError('picture: expected at least 2 × 2 pixels, got fewer');
    const square = frame({ values: data, height, width }, seeing.preprocessing, framing);
    const probabilities = classify(model, square.values, seeing);
    const shares = await probabilities.data<'float32'>();
    probabilities.dispose();
    const food = classes.map((label, index) => ({ label, score: shares[index]! }));
    await emit({ food });
    if (signal.aborted) return { food };
    const heat = await heatOf(model, square.values, seeing, shares.indexOf(largest(shares)), square.width);
    const evidence = { width: square.width, height: square.height, data: overlayHeat(square.values, heat) };
    return { food, evidence };
  },
  dispose: ({ model }) => {
    model.dispose();
  },
});
