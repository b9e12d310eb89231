import { RandomStream } from '@motley/core';
import { MASK_CLASSES } from '@motley/core/generators';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { config } from './config.ts';
import demo from './demo.ts';
import { FasterRcnn } from './model.ts';
import { detect } from './predict.ts';
import { shapeOf } from './shape.ts';

const settings = config.resolve({ fast: true });
const context = { signal: new AbortController().signal, emit: () => Promise.resolve() };

beforeAll(() => chooseBackend('wasm'));

it('the demo has the boxes of predict', async () => {
  const model = new FasterRcnn(shapeOf(settings, 'frozen'), { classes: 3, random: RandomStream.fromSeed(1) });
  // Sure of a class, so that some of its boxes are drawn.
  model.roi_heads.box_predictor.cls_score.bias!.assign(tf.tensor1d([0, 0, 3, 0]));
  const weights = model.stateDict();
  const before = tf.memory().numTensors;
  const loaded = await demo.load({ weights, config: settings, files: {} });
  const [height, width] = [48, 64];
  const data = Uint8Array.from({ length: height * width * 3 }, (_, place) => (place * 7) % 256);
  const { faces } = await demo.run(loaded, { picture: { width, height, data } }, context);
  const [found] = await detect(model, [{ values: data, width, height }], settings.data);
  const shown = found!.filter(({ score }) => score >= 0.5);
  expect(shown.length).toBeGreaterThan(0);
  expect(faces!.boxes.map(({ left, top, width: wide, height: high, score }) => [left, top, wide, high, score])).toEqual(
    shown.map(({ box, score }) => [...box, score]),
  );
  expect(new Set(faces!.boxes.map(({ label }) => label))).toEqual(new Set([MASK_CLASSES[1]]));
  demo.dispose!(loaded);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(weights);
  model.dispose();
});
