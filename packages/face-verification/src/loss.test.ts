import { valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  centerLoss,
  classCosines,
  classificationTerms,
  embeddingTerms,
  type Margin,
  marginLogits,
  movedCenters,
  unitRows,
} from './loss.ts';
import reference from './reference.json' with { type: 'json' };

const LABELS = [0, 2, 2, 1, 2, 0];
const [BATCH, SIZE, PEOPLE] = [6, 5, 4];
const SCALE = 16;
const TOLERANCE = 2e-5;

/** Values of the formula in `reference.py`. */
function values(seed: number, shape: readonly number[], scale = 1): tf.Tensor {
  const count = tf.util.sizeFromShape([...shape]);
  return tf.tensor(
    Float32Array.from({ length: count }, (_, place) => Math.sin(12.9898 * (place + 1) + 78.233 * seed) * scale),
    [...shape],
  );
}

const labels = () => tf.tensor1d(LABELS, 'int32');

function expectClose(found: tf.Tensor, expected: readonly number[]): void {
  const actual = found.dataSync();
  expect(actual).toHaveLength(expected.length);
  for (const [place, value] of expected.entries())
    expect(Math.abs(actual[place]! - value)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(value)));
}

function gradientsOf(loss: (...leaves: tf.Tensor[]) => tf.Tensor, leaves: readonly tf.Tensor[]) {
  const variables = leaves.map((leaf) => tf.variable(leaf));
  const named = new Map(variables.map((variable, place) => [String(place), variable]));
  const { terms, gradients } = valueAndGradients(() => ({ loss: loss(...variables) }), named);
  return { loss: terms.loss, gradients: variables.map((_, place) => gradients[String(place)]!) };
}

const marginLoss = (margin: Margin) => (embeddings: tf.Tensor, weights: tf.Tensor) => {
  const cosines = classCosines(embeddings, weights);
  return classificationTerms(marginLogits(cosines, labels(), margin), cosines, labels()).loss;
};

describe.each(['cpu', 'wasm'] as const)('losses, on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it('have the center loss and gradients of PyTorch, of embeddings and of centers', () => {
    tf.tidy(() => {
      const leaves = [values(1, [BATCH, SIZE], 2), values(2, [PEOPLE, SIZE])];
      const { loss, gradients } = gradientsOf((x, c) => centerLoss(x, c, labels()), leaves);
      expectClose(loss, [reference.center.loss]);
      expectClose(gradients[0]!, reference.center.embeddings);
      expectClose(gradients[1]!, reference.center.centers);
    });
  });

  it.each([0.5, 1] as const)('move the centers as algorithm 1 of the paper does, α = %s', (rate) => {
    tf.tidy(() => {
      const [embeddings, centers] = [values(1, [BATCH, SIZE], 2), values(2, [PEOPLE, SIZE])];
      const moved = movedCenters(centers, embeddings, labels(), rate);
      expectClose(moved, reference.moved[rate === 1 ? '1.0' : '0.5']);
      const distances = tf.norm(tf.sub(moved, centers), 'euclidean', 1).dataSync();
      // Person 3 is not in the batch. The others must move: centers that stay are the fault of many programs.
      expect(distances[3]).toBe(0);
      for (const person of [0, 1, 2]) expect(distances[person]).toBeGreaterThan(0.1);
    });
  });

  it('bring the centers to the means of embeddings that stay', () => {
    tf.tidy(() => {
      const embeddings = values(1, [BATCH, SIZE], 2);
      let centers: tf.Tensor = tf.zeros([PEOPLE, SIZE]);
      for (let step = 0; step < 60; step++) centers = movedCenters(centers, embeddings, labels(), 0.5);
      const rows = (places: readonly number[]) => tf.mean(tf.gather(embeddings, [...places]), 0).dataSync();
      expectClose(tf.gather(centers, [0, 1, 2]), [...rows([0, 5]), ...rows([3]), ...rows([1, 2, 4])]);
    });
  });

  it.each([
    ['cosface', { kind: 'cosface', margin: 0.35, scale: SCALE }],
    ['arcface', { kind: 'arcface', margin: 0.5, scale: SCALE }],
    ['arcface-wide', { kind: 'arcface', margin: 1.4, scale: SCALE }],
  ] as const)('have the logits, loss and gradients of PyTorch: %s', (name, margin) => {
    tf.tidy(() => {
      const twin = reference[name];
      const leaves = [values(1, [BATCH, SIZE], 2), values(3, [PEOPLE, SIZE])];
      const cosines = classCosines(leaves[0]!, leaves[1]!);
      expectClose(marginLogits(cosines, labels(), margin), twin.logits);
      const { loss, gradients } = gradientsOf((x, w) => marginLoss(margin)(x, w), leaves);
      expectClose(loss, [twin.loss]);
      expectClose(gradients[0]!, twin.embeddings);
      expectClose(gradients[1]!, twin.weights);
    });
  });

  it('start without NaN where an embedding lies on a class weight, on its opposite, or is 0', () => {
    tf.tidy(() => {
      const weights = values(3, [PEOPLE, SIZE]);
      const ofLabels = tf.gather(weights, labels());
      for (const factor of [1, -1, 0])
        for (const kind of ['cosface', 'arcface'] as const) {
          const leaves = [tf.mul(ofLabels, factor), weights];
          const margin = { kind, margin: 0.5, scale: SCALE };
          const { loss, gradients } = gradientsOf((x, w) => marginLoss(margin)(x, w), leaves);
          for (const tensor of [loss, ...gradients])
            expect(tensor.dataSync().every((value) => Number.isFinite(value))).toBe(true);
        }
    });
  });

  it('are plain softmax with a margin of 0, and larger the larger the margin', () => {
    tf.tidy(() => {
      const [embeddings, weights] = [values(1, [BATCH, SIZE], 2), values(3, [PEOPLE, SIZE])];
      for (const kind of ['cosface', 'arcface'] as const) {
        const lossAt = (margin: number | tf.Tensor) =>
          marginLoss({ kind, margin, scale: SCALE })(embeddings, weights).dataSync()[0]!;
        const cosines = tf.mul(classCosines(embeddings, weights), SCALE);
        expect(lossAt(0)).toBeCloseTo(classificationTerms(cosines, cosines, labels()).loss.dataSync()[0]!, 4);
        expect(lossAt(tf.scalar(0.2))).toBeCloseTo(lossAt(0.2), 5);
        const losses = [0, 0.1, 0.3, 0.6].map(lossAt);
        expect(losses).toEqual(losses.toSorted((a, b) => a - b));
      }
    });
  });

  it('lower the logit of every angle with the arc margin, also beyond π − m', () => {
    tf.tidy(() => {
      const angles = Array.from({ length: 50 }, (_, place) => (Math.PI * place) / 49);
      const cosines = tf.tensor2d(
        angles.map((angle) => [Math.cos(angle), 0]),
        [50, 2],
      );
      const zeros = tf.zeros([50], 'int32');
      const both = marginLogits(cosines, zeros, { kind: 'arcface', margin: 0.7, scale: 1 });
      const logits = tf.slice(both, [0, 0], [50, 1]).dataSync();
      for (const [place, logit] of logits.entries()) {
        expect(logit).toBeLessThan(Math.cos(angles[place]!) + 1e-6);
        if (place > 0) expect(logit).toBeLessThan(logits[place - 1]! + 1e-6);
      }
    });
  });
});

describe('embeddingTerms', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('are the mean length, and the mean cosine of two', () => {
    tf.tidy(() => {
      const embeddings = values(1, [BATCH, SIZE], 2);
      const unit = unitRows(embeddings);
      const cosines = tf.matMul(unit, unit, false, true).arraySync() as number[][];
      const others = cosines.flatMap((row, first) => row.filter((_, second) => second !== first));
      const { length, alike } = embeddingTerms(embeddings);
      expectClose(alike, [others.reduce((sum, value) => sum + value, 0) / others.length]);
      expectClose(length, [tf.mean(tf.norm(embeddings, 'euclidean', 1)).dataSync()[0]!]);
      expectClose(embeddingTerms(tf.ones([BATCH, SIZE])).alike, [1]);
    });
  });
});
