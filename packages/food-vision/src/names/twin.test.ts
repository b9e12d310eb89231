import { existsSync } from 'node:fs';
import { RandomStream, valueAndGradients, zeros } from '@motley/core';
import { chooseBackend, publishedWeights } from '@motley/core/node';
import { wheelFilesFolder } from '@motley/tensorflow/library';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSentenceEncoder } from './open-encoder.ts';
import reference from './reference.json' with { type: 'json' };
import { SentenceEncoder, type SentenceEncoderShape } from './sentence-encoder.ts';
import { textVectors } from './text-vectors.ts';

const { hasNative } = await nativeGate(() => chooseBackend('tensorflow'));
const fetched = wheelFilesFolder(publishedWeights['minilm-l6']);
const shape: SentenceEncoderShape = { vocabulary: 11, positions: 9, layers: 2, heads: 3, features: 12, hidden: 20 };
const { small } = reference;
const gradientsOf: Readonly<Record<string, readonly number[]>> = small.gradients;

/** Values of `reference.py`: sin(0.37 i + seed) · scale + offset. */
function formula(seed: number, sizes: readonly number[], scale: number, offset = 0): tf.Tensor {
  const count = tf.util.sizeFromShape([...sizes]);
  return tf.tensor(
    Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.37 + seed) * scale + offset),
    [...sizes],
  );
}

const farthest = (found: ArrayLike<number>, expected: readonly number[]): number => {
  expect(found).toHaveLength(expected.length);
  return expected.reduce((most, value, index) => Math.max(most, Math.abs(found[index]! - value)), 0);
};

describe('a small encoder', () => {
  beforeAll(() => chooseBackend('cpu'));

  it("has BertModel's names and shapes, its vectors and its gradients", () => {
    const encoder = new SentenceEncoder(shape, { random: RandomStream.fromSeed(0), weightInitializer: zeros });
    tf.tidy(() => {
      const shapes = Object.fromEntries(
        Object.entries(encoder.stateDict()).map(([name, { shape: own }]) => [name, own]),
      );
      expect(shapes).toEqual(small.shapes);
      encoder.loadStateDict(
        Object.fromEntries(
          Object.entries(small.shapes).map(([name, sizes], seed) => {
            return [name, formula(seed, sizes, 0.4, name.endsWith('LayerNorm.weight') ? 1 : 0)];
          }),
        ),
      );
      const pieces = tf.tensor(small.pieces, undefined, 'int32');
      const mask = tf.cast(tf.tensor(small.mask), 'bool');
      expect(farthest(encoder.forward(pieces, mask).dataSync(), small.vectors)).toBeLessThan(1e-5);
      const { gradients } = valueAndGradients(() => {
        const vectors = encoder.forward(pieces, mask);
        return { loss: tf.sum(tf.mul(vectors, formula(100, vectors.shape, 1))) };
      }, encoder.namedParameters());
      for (const [name, gradient] of Object.entries(gradients)) {
        const [norm, product] = gradientsOf[name] as [number, number];
        const found = [tf.norm(gradient), tf.sum(tf.mul(gradient, formula(200, gradient.shape, 1)))];
        expect(
          farthest(
            found.map((value) => value.dataSync()[0]!),
            [norm, product],
          ),
          name,
        ).toBeLessThan(1e-5 * Math.max(1, norm));
      }
    });
    encoder.dispose();
  });
});

describe.runIf(fetched !== undefined && existsSync(fetched))('the published encoder', () => {
  beforeAll(() => chooseBackend(hasNative ? 'tensorflow' : 'cpu'));

  it("has sentence-transformers' word pieces and vectors", async () => {
    const { encoder, tokenizer } = await openSentenceEncoder('fetch');
    const { texts } = reference;
    for (const { text, pieces } of texts.filter(({ pieces: all }) => all.length < 256))
      expect([...tokenizer.encode(text)], text).toEqual(pieces);
    const { values, count, width } = await textVectors(
      encoder,
      tokenizer,
      texts.map(({ text }) => text),
    );
    expect([count, width]).toEqual([texts.length, 384]);
    for (const [row, { text, vector }] of texts.entries())
      expect(farthest(values.subarray(row * width, (row + 1) * width), vector), text).toBeLessThan(1e-5);
    const before = tf.memory().numTensors;
    encoder.dispose();
    expect(tf.memory().numTensors).toBeLessThan(before);
  });
});
