import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { attentionOf } from './attention.ts';
import { createModel } from './create-model.ts';
import demo from './demo.ts';
import { Translator } from './predict.ts';
import { SMALL_PAIRS } from './testing/pairs.ts';
import { tiny } from './testing/settings.ts';
import { FRAME, learnVocabulary } from './vocabulary.ts';

const tokenizer = learnVocabulary(
  SMALL_PAIRS.flatMap(({ english, german }) => [english, german]),
  40,
);
const SENTENCE = 'The man sees a dog.';

beforeAll(() => chooseBackend('auto'));

it('streams the translation of the system, shows its attention, and leaks no tensors', async () => {
  // Untied embeddings, as an untrained tied network repeats the begin symbol.
  const settings = tiny('model.tiedEmbeddings=false', 'model.layers=2', 'model.maxLength=24');
  const trained = createModel(settings, tokenizer).eval();
  const weights = trained.stateDict();
  const [expected] = await new Translator(trained, tokenizer, { beam: 1, lengthPenalty: 1 }).translate([SENTENCE]);
  expect(expected).not.toBe('');
  const before = tf.memory().numTensors;

  const loaded = await demo.load({ weights, config: settings, files: {} });
  const emitted: { readonly translation?: string }[] = [];
  const emit = (results: (typeof emitted)[number]): Promise<void> => Promise.resolve(void emitted.push(results));
  const { signal } = new AbortController();
  const shown = await demo.run(loaded, { sentence: SENTENCE, layer: 'layer 1' }, { signal, emit });
  expect(shown.translation).toBe(expected);
  expect(emitted.at(-1)).toEqual({ translation: expected });
  const { values, height, width, rows, columns } = shown.attention!;
  const source = [...tokenizer.encode(SENTENCE), FRAME.end];
  const target = Array.from(tokenizer.encode(expected!)).slice(0, settings.model.maxLength - 1);
  const { weights: heads } = (await attentionOf(trained, { source, input: [FRAME.begin, ...target] }))[
    'decoder.0.cross_attention'
  ]!;
  expect([height, width]).toEqual([target.length + 1, source.length]);
  for (const [at, value] of values.entries())
    expect(value).toBeCloseTo((heads[at]! + heads[at + height * width]!) / 2, 5);
  expect(rows).toHaveLength(height);
  expect(columns!.join('').replaceAll('␣', ' ')).toBe(`${SENTENCE}⊣`);

  const aborted = await demo.run(
    loaded,
    { sentence: SENTENCE, layer: 'layer 2' },
    { signal: AbortSignal.abort(), emit },
  );
  expect(aborted).not.toHaveProperty('attention');
  expect(await demo.run(loaded, { sentence: ' ', layer: 'layer 2' }, { signal, emit })).toEqual({ translation: '' });
  demo.dispose!(loaded);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(weights);
  trained.dispose();
});

it('refuses a decoder alone, and leaks no tensors', async () => {
  const settings = tiny('model.kind=decoder');
  const trained = createModel(settings, tokenizer);
  const weights = trained.stateDict();
  const before = tf.memory().numTensors;
  await expect(demo.load({ weights, config: settings, files: {} })).rejects.toThrow(
    'expected a network with an encoder',
  );
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(weights);
  trained.dispose();
});
