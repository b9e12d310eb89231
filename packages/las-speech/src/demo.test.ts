import { Readable } from 'node:stream';
import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { Alphabet } from './alphabet.ts';
import { config } from './config.ts';
import { createModel } from './create-model.ts';
import demo from './demo.ts';
import { Recognizer } from './predict.ts';

const settings = config.resolve({
  set: [
    'model.listenerUnits=6',
    'model.spellerUnits=8',
    'model.embeddingSize=8',
    'model.attentionSize=8',
    'model.locationFilters=2',
    'decoding.beam=2',
    'decoding.symbolsPerStep=0.4',
  ],
});
const RATE = 16_000;

beforeAll(() => chooseBackend('auto'));

it('the demo hears what the recognizer hears, shows the attention, and leaks no tensors', async () => {
  const trained = createModel(settings).eval();
  const weights = trained.stateDict();
  const speech = new Float32Array(1.5 * RATE);
  speech.set(RandomStream.fromSeed(1).normalValues(0.7 * RATE, 0, 0.1));
  const { data, features, decoding } = settings;
  const recognizer = new Recognizer(trained, { alphabet: Alphabet.of(data.language), features, decoding });
  let expected = '';
  for await (const words of recognizer.stream(Readable.from([speech]))) expected += words;
  expect(expected).not.toBe('');
  const before = tf.memory().numTensors;

  const loaded = await demo.load({ weights, config: settings, files: {} });
  const emitted: unknown[] = [];
  const emit = (results: unknown): Promise<void> => Promise.resolve(void emitted.push(results));
  const shown = await demo.run(loaded, { speech }, { signal: new AbortController().signal, emit });
  expect(shown.text).toBe(expected);
  expect(emitted.length).toBeGreaterThan(0);
  const { values, height, width, rows } = shown.attention!;
  expect(values).toHaveLength(height * width);
  expect(rows).toHaveLength(height);
  for (let row = 0; row < height; row++) {
    const sum = values.subarray(row * width, (row + 1) * width).reduce((total, weight) => total + weight, 0);
    expect(sum).toBeCloseTo(1, 4);
  }
  expect(shown.spectrogram).toMatchObject({ height: settings.features.bands });
  demo.dispose!(loaded);
  expect(tf.memory().numTensors).toBe(before);
  recognizer.dispose();
  tf.dispose(weights);
  trained.dispose();
}, 120_000);
