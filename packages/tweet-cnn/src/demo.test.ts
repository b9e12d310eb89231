import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { config } from './config.ts';
import { createModel } from './create-model.ts';
import demo from './demo.ts';
import { readTexts } from './predict.ts';
import { Vocabulary } from './vocabulary.ts';

const settings = config.resolve({ set: ['model.features=8', 'model.filters=6'] });
const TEXT = 'we cut taxes for families';

beforeAll(() => chooseBackend('auto'));

it('the demo has the classes of predict and the words that decided, and leaks no tensors', async () => {
  const classNames = ['left', 'right', 'neither'];
  const trained = createModel(settings, { vocabulary: new Vocabulary(TEXT.split(' ')), classNames }).eval();
  const weights = trained.stateDict();
  const [expected] = await readTexts(trained, [TEXT], settings.data.longest);
  const before = tf.memory().numTensors;

  const loaded = await demo.load({ weights, config: settings, files: {} });
  const context = { signal: new AbortController().signal, emit: () => Promise.resolve() };
  const shown = await demo.run(loaded, { text: TEXT, decided: 'the likeliest' }, context);
  expect(shown.classes).toEqual(
    expected!.guesses.map(({ className, probability }) => ({ label: className, score: probability })),
  );
  expect(shown.words!.map(({ word }) => word)).toEqual(TEXT.split(' '));
  expect(largest(shown.words!.map(({ weight }) => Math.abs(weight)))).toBeCloseTo(1, 6);
  expect(await demo.run(loaded, { text: '', decided: 'left' }, context)).toMatchObject({ words: [] });
  demo.dispose!(loaded);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(weights);
  trained.dispose();
});
