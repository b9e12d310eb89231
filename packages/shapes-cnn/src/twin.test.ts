import { RandomStream, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { shapesLoss } from './loss.ts';
import { ShapesCnn } from './model.ts';
import { classActivationMaps, classify } from './predict.ts';
import reference from './reference.json' with { type: 'json' };

const settings = { channels: [3, 4, 5], blocksPerStage: 2 };
const create = () => new ShapesCnn(settings, RandomStream.fromSeed(0));

/** Values sin(0.37 i + seed) · scale, as in `reference.py`. */
function formula(seed: number, shape: readonly number[], scale: number): tf.Tensor {
  const count = tf.util.sizeFromShape([...shape]);
  const values = Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.37 + seed) * scale);
  return tf.tensor(values, [...shape]);
}
const expectClose = (found: ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of expected.entries())
    expect(Math.abs(found[index]! - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value)));
};

describe('ShapesCnn', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('has the logits, loss and gradients of PyTorch, in training and evaluation mode', () => {
    const model = create();
    tf.tidy(() => {
      const state = model.stateDict();
      for (const [index, [name, { shape }]] of Object.entries(reference.gradients).entries()) {
        expect(state[name]!.shape).toEqual(shape);
        state[name] = tf.add(formula(index, shape, 0.5), shape.length === 1 ? 1 : 0);
      }
      model.loadStateDict(state);
      const images = tf.add(formula(100, [3, 9, 9, 3], 0.5), 0.5);
      const labels = tf.tensor1d([0, 7, 3], 'int32');
      model.train();
      const { terms, gradients } = valueAndGradients(() => {
        const logits = model.forward(images);
        return { ...shapesLoss(logits, labels, 0.1), logits: tf.sum(tf.mul(logits, formula(9, [3, 10], 1))) };
      }, model.namedParameters());
      expectClose(terms.loss.dataSync(), [reference.loss], 1e-5);
      const logits = tf.tensor(reference.logits, [3, 10]);
      expectClose(terms.logits!.dataSync(), [tf.sum(tf.mul(logits, formula(9, [3, 10], 1))).dataSync()[0]!], 2e-5);
      expectClose(model.eval().forward(images).dataSync(), reference.evaluated, 2e-5);

      for (const [name, parameter] of model.namedParameters()) parameter.assign(gradients[name]!);
      const inPyTorch = model.stateDict();
      for (const [name, { shape, norm, projection }] of Object.entries(reference.gradients)) {
        expectClose(tf.norm(inPyTorch[name]!).dataSync(), [norm], 2e-4);
        const product = tf.sum(tf.mul(inPyTorch[name]!, formula(300, shape, 1))).dataSync();
        expect(Math.abs(product[0]! - projection)).toBeLessThan(5e-4 * Math.max(1, norm));
      }
    });
    model.dispose();
  });

  it('halves the resolution in the stem and in each stage, rounding odd sizes up', () => {
    const model = create();
    tf.tidy(() => {
      for (const size of [16, 17]) {
        const images = tf.ones([2, size, size, 3]);
        expect(model.features(images).shape).toEqual([2, Math.ceil(size / 8), Math.ceil(size / 8), 5]);
        expect(model.forward(images).shape).toEqual([2, 10]);
      }
    });
    model.dispose();
  });
});

describe('a training step', () => {
  it('leaks no tensors', () => {
    const before = tf.memory().numTensors;
    const model = create();
    const [images, labels] = [tf.ones([4, 16, 16, 3]), tf.tensor1d([1, 2, 3, 4], 'int32')];
    for (let step = 0; step < 3; step++) {
      const forward = () => shapesLoss(model.forward(images), labels);
      tf.dispose(Object.values(valueAndGradients(forward, model.namedParameters())));
    }
    tf.dispose([images, labels]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('predict', () => {
  it('gives probabilities, and activation maps whose means are the logits', () => {
    tf.tidy(() => {
      const model = create().eval();
      const images = tf.add(formula(5, [2, 16, 16, 3], 0.5), 0.5);
      const probabilities = classify(model, images);
      expectClose(tf.sum(probabilities, 1).dataSync(), [1, 1], 1e-5);
      const maps = classActivationMaps(model, images);
      expect(maps.shape).toEqual([2, 2, 2, 10]);
      const logits = tf.add(tf.mean(maps, [1, 2]), model.classifier.bias!);
      expectClose(logits.dataSync(), Array.from(model.forward(images).dataSync()), 1e-5);
    });
  });
});
