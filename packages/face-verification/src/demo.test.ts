import { RandomStream } from '@motley/core';
import { Faces } from '@motley/core/generators';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { config } from './config.ts';
import demo from './demo.ts';
import { FaceNetwork } from './model.ts';
import { alignFace } from './pictures/align.ts';
import { similarity } from './predict.ts';

beforeAll(() => chooseBackend('cpu'));

it('shows the score of predict, answers by its threshold, and leaks no tensors', async () => {
  const settings = config.resolve({ set: ['data.size=32', 'model.embeddingSize=8'] });
  const trained = new FaceNetwork(settings.model, settings.loss, 5, { random: RandomStream.fromSeed(2) }).eval();
  const before = tf.memory().numTensors;
  const weights = trained.stateDict();
  const model = await demo.load({ weights, config: settings, files: {} });
  tf.dispose(weights);
  const { width, height, values } = new Faces(4, { size: 40 }).picture(0, 0).image;
  const first = { width, height, data: values };
  const second = { width: 30, height: 50, data: values.slice(0, 4500) };
  const context = { signal: new AbortController().signal, emit: () => Promise.resolve() };
  const same = await demo.run(model, { first, second: first }, context);
  expect(same.answer).toBe('One person');
  expect(same.score![0]!.score).toBeCloseTo(1, 5);
  const { score, answer, seen } = await demo.run(model, { first, second }, context);
  const squares = [first, second].map(({ data, ...size }) => alignFace({ values: data, ...size }, undefined, 24));
  const expected = await similarity(trained, squares as [Uint8Array, Uint8Array], 24, true);
  expect(score![0]).toEqual({ label: 'score', score: Math.max(0, expected) });
  expect(answer).toBe(expected >= score![1]!.score ? 'One person' : 'Two people');
  expect(seen!.map(({ image }) => (image as { data: Uint8Array }).data)).toEqual(squares);
  demo.dispose!(model);
  expect(tf.memory().numTensors).toBe(before);
  trained.dispose();
});

it('offers pairs of one person to try, who were not trained on', async () => {
  const settings = config.resolve({ set: ['data.size=32'] });
  if (typeof demo.inputs !== 'function') throw new Error('expected inputs by the run');
  const model = new FaceNetwork(settings.model, settings.loss, 5, { random: RandomStream.fromSeed(2) });
  const inputs = await demo.inputs({ model, settings, threshold: undefined }, settings);
  model.dispose();
  const [one, other] = [await inputs.first.examples!.make(3), await inputs.second.examples!.make(3)];
  expect([one.width, other.width]).toEqual([24, 24]);
  expect(one.data).not.toEqual(other.data);
  expect(inputs.first.examples!.count).toBe(inputs.second.examples!.count);
});
