import { RandomStream, softmaxCrossEntropy, type StateDict, valueAndGradients, zeros } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { hashNoise, nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { EfficientNet, type EfficientNetShape, efficientNetB2, efficientNetLite0 } from './efficient-net.ts';
import type { ImageClassifier } from './image-classifier.ts';
import twins from './reference.json' with { type: 'json' };
import { VisionTransformer } from './vision-transformer.ts';

const { hasNative } = await nativeGate(() => chooseBackend('tensorflow'));
/** Seed of the pictures, as in `reference.py`. */
const PICTURES = 1015;
/** As shares of the largest logit and of the norm of all gradients. */
const LOGIT_TOLERANCE = 1e-4;
const GRADIENT_TOLERANCE = 1e-5;
/** ReLU6 has corners: where rounding moves one of a million values over one, its gradient jumps. */
const KINKED_GRADIENT_TOLERANCE = 1e-3;
const TIMEOUT_IN_MS = 300_000;
const options = { classes: 3, random: RandomStream.fromSeed(0), initializer: zeros } as const;

function weight(name: string, seed: number, shape: number[]): tf.Tensor {
  if (shape.length === 0) return tf.scalar(0, 'int32');
  const [offset, scale] = rangeOf(name, shape);
  return tf.tensor(
    hashNoise(seed, shape).map((value) => offset + Math.fround(scale) * value),
    shape,
  );
}

function rangeOf(name: string, shape: readonly number[]): readonly [offset: number, scale: number] {
  if (name.endsWith('running_var')) return [1, 0.5];
  if (name === 'class_token' || name === 'encoder.pos_embedding') return [0, 0.5];
  if (shape.length > 1) return [0, Math.sqrt(6 / tf.util.sizeFromShape(shape.slice(1)))];
  return name.endsWith('weight') ? [1, 0.2] : [0, 0.1];
}

/** Values that `reference.py` writes of a network. */
interface Twin {
  readonly shapes: Readonly<Record<string, number[]>>;
  readonly parameters: number;
  readonly evaluated: Measured;
  readonly trained: Measured;
}

interface Measured {
  readonly logits: readonly number[];
  /** Norm of each parameter's gradient, and the gradient's product with noise. */
  readonly gradients: Readonly<Record<string, readonly [norm: number, projection: number]>>;
}

const withoutNoise = (shape: EfficientNetShape): EfficientNetShape => ({ ...shape, dropout: 0, stochasticDepth: 0 });
const smallVit = { imageSize: 32, patchSize: 8, layers: 3, heads: 4, features: 24, hidden: 48 };

const cases = [
  ['efficientnet-b2', 64, () => new EfficientNet(withoutNoise(efficientNetB2), options)],
  ['efficientnet-lite0', 64, () => new EfficientNet(withoutNoise(efficientNetLite0), options)],
  ['small-vit', 32, () => new VisionTransformer(smallVit, options)],
] as const;

/** Largest difference as a share of the largest value. */
function error(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found).toHaveLength(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, index) => Math.max(most, Math.abs(found[index]! - value)), 0) / largest;
}

/** Logits, and for each parameter the gradient's norm and its product with noise. */
function measure(model: ImageClassifier, size: number) {
  const pictures = tf.tensor(hashNoise(PICTURES, [4, size, size, 3]), [4, size, size, 3]);
  const labels = tf.tensor1d([0, 2, 1, 2], 'int32');
  const random = RandomStream.fromSeed(0);
  const logits: number[] = [];
  const { gradients } = valueAndGradients(() => {
    const found = model.forward(pictures, random);
    for (const logit of found.dataSync()) logits.push(logit);
    return { loss: softmaxCrossEntropy(found, labels) };
  }, model.namedParameters());
  for (const [name, parameter] of model.namedParameters()) parameter.assign(gradients[name]!);
  return { logits, gradients: model.stateDict() };
}

describe.each(cases)('%s', (name, size, create) => {
  const expected: Twin = (twins as Record<string, unknown>)[name] as Twin;
  beforeAll(() => chooseBackend(hasNative ? 'tensorflow' : 'wasm'));

  it('has the names, shapes and number of parameters of its twin', () => {
    tf.tidy(() => {
      const model = create();
      const shapes = Object.entries(model.stateDict()).map(([each, { shape }]) => [each, shape] as const);
      expect(Object.fromEntries(shapes)).toEqual(expected.shapes);
      expect(model.parameterCount()).toBe(expected.parameters);
    });
  });

  it.each(['evaluated', 'trained'] as const)(
    'has the logits and gradients of its twin, %s',
    (mode) => {
      tf.tidy(() => {
        const model = create();
        const entries = Object.entries(expected.shapes).map(([each, shape], seed) => [each, weight(each, seed, shape)]);
        model.loadStateDict(Object.fromEntries(entries) as StateDict);
        const found = measure(model.train(mode === 'trained'), size);
        const logits = error(found.logits, expected[mode].logits);
        expect(logits).toBeLessThan(LOGIT_TOLERANCE);
        const wanted = Object.entries(expected[mode].gradients);
        // Of all gradients together: that of a single weight may be 0, as before a normalization.
        const whole = Math.sqrt(wanted.reduce((sum, [, [norm]]) => sum + norm ** 2, 0));
        let worst = 0;
        for (const [each, [norm, projection]] of wanted) {
          const gradient = found.gradients[each]!;
          const product = tf.mul(gradient, tf.tensor(hashNoise(2000, gradient.shape), gradient.shape));
          const differences = [tf.norm(gradient).dataSync()[0]! - norm, tf.sum(product).dataSync()[0]! - projection];
          for (const difference of differences) worst = Math.max(worst, Math.abs(difference) / whole);
        }
        const isKinked = name === 'efficientnet-lite0' && mode === 'trained';
        expect(worst).toBeLessThan(isKinked ? KINKED_GRADIENT_TOLERANCE : GRADIENT_TOLERANCE);
      });
    },
    TIMEOUT_IN_MS,
  );
});
