import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { RandomNumbers } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { config as configByHand } from './by-hand/config.ts';
import { createNetwork } from './by-hand/create-network.ts';
import { LiveTraining } from './by-hand/live-training.ts';
import { sample as sampleByHand } from './by-hand/sample.ts';
import { config } from './config.ts';
import { createModel } from './create-model.ts';
import demo from './demo.ts';
import { sample } from './sample.ts';
import { tokenizerOf, vocabularyOf } from './vocabulary.ts';

const vocabulary = vocabularyOf('the whale.\n', 'character');
const tokenizer = tokenizerOf(vocabulary, 'character');
const values = {
  beginning: 'the ',
  temperature: 0.7,
  length: 50,
  seed: 3,
  network: 'as the run trained it',
  lesson: 'row, row, row your boat, gently down the stream.\n',
} as const;

/** Context of a run that is aborted after some results, and what it emitted. */
function watch(maxResults = Infinity) {
  const controller = new AbortController();
  const emitted: { readonly text?: string; readonly state?: string }[] = [];
  const emit = (results: (typeof emitted)[number]): Promise<void> => {
    emitted.push(results);
    if (emitted.length >= maxResults) controller.abort();
    return Promise.resolve();
  };
  return { context: { signal: controller.signal, emit }, emitted };
}

beforeAll(() => chooseBackend('auto'));

it('writes what the LSTM samples, letter by letter, stops when aborted, and leaks no tensors', async () => {
  const settings = config.resolve({ set: ['model.units=6', 'model.dropout=0'] });
  const trained = createModel(settings, vocabulary).eval();
  const weights = Object.fromEntries(
    Object.entries(trained.stateDict()).map(([name, tensor]) => [`network.${name}`, tensor]),
  );
  const random = RandomStream.fromSeed(3).fork('sample');
  const options = { temperature: 0.7, topK: null, topP: 1 };
  const { symbols } = await sample(trained, tokenizer.encode('the '), 50, options, random);
  const before = tf.memory().numTensors;
  const loaded = await demo.load({ weights, config: settings, files: {} });
  const { context, emitted } = watch();
  const expected = `the ${tokenizer.decode(symbols)}`;
  expect((await demo.run(loaded, values, context)).text).toBe(expected);
  expect(emitted.map(({ text }) => text)).toEqual(
    Array.from(symbols, (_, index) => expected.slice(0, 'the '.length + index + 1)),
  );
  const aborted = watch(5);
  expect((await demo.run(loaded, values, aborted.context)).text).toBe(expected.slice(0, 9));
  await expect(demo.run(loaded, { ...values, beginning: 'Q' }, context)).rejects.toThrow(
    /^beginning: .*expected one of the vocabulary/,
  );
  demo.dispose!(loaded);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(weights);
  trained.dispose();
});

it('writes what the network by hand samples, and lets one learn', async () => {
  const settings = configByHand.resolve({ set: ['model.hiddenSize=5'] });
  const network = createNetwork(settings, vocabulary.length);
  const weights: Record<string, tf.Tensor> = { vocabulary: tf.tensor1d(vocabulary, 'int32') };
  for (const [name, { shape, values: numbers }] of Object.entries(network.weights))
    weights[name] = tf.tensor(numbers, [...shape]);
  const random = RandomNumbers.fromSeed(3).fork('sample');
  const symbols = sampleByHand(network, tokenizer.encode('the '), 50, 0.7, random);
  const loaded = await demo.load({ weights, config: settings, files: {} });
  tf.dispose(weights);
  const shown = await demo.run(loaded, values, watch().context);
  expect(shown.text).toBe(`the ${tokenizer.decode(symbols)}`);

  const { context, emitted } = watch(5);
  const lesson = { ...values, network: 'by hand, learning now', beginning: '' } as const;
  const learned = await demo.run(loaded, { ...lesson, temperature: 0 }, context);
  expect(emitted).toHaveLength(5);
  expect(emitted[0]!.state).toMatch(/^Step 1,/);
  expect(learned.text).toHaveLength(51);
  const [{ values: hidden, height, width } = { values: [], height: 0, width: 0 }] = learned.hidden!;
  expect(hidden).toHaveLength(height * width);
  expect(hidden.some((value) => value !== 0) && hidden.every((value) => Math.abs(value) <= 1)).toBe(true);
  expect(learned.weights!.map(({ name }) => name)).toEqual(['rnn.weight_ih_l0', 'rnn.weight_hh_l0', 'output.weight']);
  demo.dispose!(loaded);
});

it('a training in the page learns its text', () => {
  const training = new LiveTraining(values.lesson, 1);
  for (let step = 0; step < 2000; step++) training.update();
  const { y } = training.view().progress[0]!;
  expect(y.at(-1)!).toBeLessThan(y[0]! / 4);
  expect(training.write('', 20, 0)).toBe(values.lesson.slice(0, 21));
  expect(() => new LiveTraining('too short', 1)).toThrow('text to learn: expected more than 25 letters, found 9');
});
