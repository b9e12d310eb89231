import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createModel } from './create-model.ts';
import { Transformer } from './model.ts';
import { Translator } from './predict.ts';
import { describeNative, describeOn } from './testing/native.ts';
import { SMALL_PAIRS } from './testing/pairs.ts';
import { tiny } from './testing/settings.ts';
import { FRAME, learnVocabulary, textOf } from './vocabulary.ts';

const tokenizer = learnVocabulary(
  SMALL_PAIRS.flatMap(({ english, german }) => [english, german]),
  40,
);

/** Greedy decoding without a cache. */
function greedily(model: Transformer, text: string): string {
  const source = [...tokenizer.encode(text), FRAME.end];
  const said: number[] = [FRAME.begin];
  const longest = model.config.maxLength; // sentences are long enough for that
  while (said.length <= longest && said.at(-1) !== FRAME.end) {
    const next = tf.tidy(() => {
      const logits = model.forward(tf.tensor2d([source], undefined, 'int32'), tf.tensor2d([said], undefined, 'int32'));
      return tf.argMax(tf.slice(logits, [0, said.length - 1, 0], [1, 1, -1]), -1).dataSync()[0]!;
    });
    said.push(next);
  }
  return textOf(tokenizer, said.slice(1));
}

describeOn(['cpu', 'tensorflow'], 'a translator on %s', (backend) => {
  let model: Transformer;
  beforeAll(async () => {
    await chooseBackend(backend);
    // Untied embeddings, as an untrained tied network repeats the begin symbol.
    model = createModel(tiny('model.tiedEmbeddings=false', 'model.maxLength=24'), tokenizer).eval();
  });
  afterAll(() => {
    model.dispose();
  });
  const texts = ['The man sees a dog.', '', 'The child paints a dog.', ' ', 'The woman finds a lamp.', 'A lamp sees.'];

  it('translates each sentence as it does alone, and an empty one to nothing', async () => {
    const translator = new Translator(model, tokenizer, { beam: 1, lengthPenalty: 1 });
    const before = tf.memory().numTensors;
    const found = await translator.translate(texts);
    expect(tf.memory().numTensors).toBe(before);
    expect(found).toEqual(texts.map((text) => (text.trim() === '' ? '' : greedily(model, text))));
    expect(found[0]).not.toBe(found[2]);
    for (const [index, text] of texts.entries()) expect(await translator.translate([text])).toEqual([found[index]]);
  });

  it('streams the greedy translation, and leaks no tensors', async () => {
    const translator = new Translator(model, tokenizer, { beam: 3, lengthPenalty: 1 });
    const before = tf.memory().numTensors;
    for (const text of texts) {
      const pieces: string[] = [];
      for await (const piece of translator.stream(text)) pieces.push(piece);
      expect(pieces.join('')).toBe(text.trim() === '' ? '' : greedily(model, text));
    }
    for await (const piece of translator.stream(texts[0]!)) {
      expect(piece).not.toBe('');
      break;
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses texts that are too long, and decoder-only networks', async () => {
    const translator = new Translator(model, tokenizer, { beam: 1, lengthPenalty: 1 });
    const long = 'dog '.repeat(10_000);
    const message = /expected a sentence of at most 23 symbols \(some 12 words\), got \d{5}: cut it into sentences$/;
    await expect(translator.translate(['A dog', long])).rejects.toThrow(message);
    await expect(translator.translate(['A dog', long])).rejects.toThrow(/^sentence 2: /);
    await expect(translator.stream(long).next()).rejects.toThrow(message);
    const decoder = createModel(tiny('model.kind=decoder'), tokenizer);
    expect(() => new Translator(decoder, tokenizer, { beam: 1, lengthPenalty: 1 })).toThrow(
      'translate: expected a network with an encoder (model.kind), got one of a decoder alone',
    );
    decoder.dispose();
  });
});

describeNative('a compiled translator', () => {
  it.each([1, 4])('equals the uncompiled translator, with beam %i', async (beam) => {
    await chooseBackend('tensorflow');
    const { compile } = await import('@motley/tensorflow');
    const model = createModel(tiny('model.tiedEmbeddings=false'), tokenizer).eval();
    const options = { beam, lengthPenalty: 0.6 };
    const compiled = new Translator(model, tokenizer, options, (step) => compile(step, { engine: 'grappler' }));
    const texts = SMALL_PAIRS.slice(0, 5).map(({ english }) => english);
    expect(await compiled.translate(texts)).toEqual(await new Translator(model, tokenizer, options).translate(texts));
    compiled.dispose();
    model.dispose();
  });
});
