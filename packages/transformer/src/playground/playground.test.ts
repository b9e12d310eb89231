import { RandomStream } from '@motley/core';
import { englishGrammar } from '@motley/core/generators';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelSchema } from '../config.ts';
import { Transformer } from '../model.ts';
import { FRAME } from '../vocabulary.ts';
import { CHARACTERS, drawText } from './characters.ts';
import { playground, PLAYGROUND_NAMES, type HeldOut, type PlaygroundName } from './playground.ts';
import { FIRST_SYMBOL, isHeldOut } from './tasks.ts';

beforeAll(() => chooseBackend('auto'));

const heldOut = (maxLength: number, examples: number): HeldOut => ({
  maxLength,
  examples,
  random: RandomStream.fromSeed(1),
});

const network = (name: PlaygroundName, maxLength: number): Transformer => {
  const { kind, symbols } = playground(name);
  const sizes = { width: 16, heads: 2, layers: 1, feedForwardWidth: 32, dropout: 0 };
  const vocabulary = FIRST_SYMBOL + symbols.length;
  return new Transformer(modelSchema.parse({ ...sizes, kind, vocabulary, maxLength }), RandomStream.fromSeed(2));
};

describe.each(PLAYGROUND_NAMES)('toy problem %s', (name) => {
  it('has batches of one shape, targets one symbol ahead of inputs, and no held-out examples', async () => {
    const options = { maxLength: 6, batchSize: 4, batchesPerEpoch: 3, random: RandomStream.fromSeed(3) };
    const shapes = new Set<string>();
    for await (const { source, input, target } of playground(name).trainingBatches(options).batches(0)) {
      shapes.add([source, input, target].map(({ shape }) => shape.join()).join(' '));
      const [inputs, targets, sources] = [input, target, source].map((each) => each.arraySync() as number[][]);
      for (const [row, symbols] of inputs!.entries()) {
        const length = symbols.filter((symbol) => symbol !== 0).length;
        expect(symbols[0]).toBe(FRAME.begin);
        expect(symbols.slice(1, length)).toEqual(targets![row]!.slice(0, length - 1));
        if (name !== 'characters') {
          const question = sources![row]!.slice(0, sources![row]!.indexOf(FRAME.end));
          expect(isHeldOut(question)).toBe(false);
          expect(targets![row]![length - 1]).toBe(FRAME.end);
        }
      }
      tf.dispose([source, input, target]);
    }
    expect(shapes.size).toBe(1);
  });

  it('measures an untrained network on the same examples each time, and leaks no tensors', async () => {
    const model = network(name, 256).eval();
    const before = tf.memory().numTensors;
    const first = await playground(name).measure(model, heldOut(8, 4));
    expect(await playground(name).measure(model, heldOut(8, 4))).toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
    expect(first.metrics.loss).toBeGreaterThan(1);
    for (const [, value] of first.byLength) expect(value).toBeGreaterThanOrEqual(0);
    model.dispose();
  });
});

it.each([
  ['copy', 20, 21],
  ['addition', 10, 22],
  ['characters', 256, 256],
] as const)('gives the input length of %s for length %i', (name, length, expected) => {
  expect(playground(name).inputLength(length)).toBe(expected);
});

describe('baselines', () => {
  it('of a task repeat the question: always right for copy, almost never for addition', () => {
    expect(playground('copy').baselines(heldOut(4, 20)).repeating!.metrics.exact).toBe(1);
    expect(playground('addition').baselines(heldOut(4, 20)).repeating!.metrics.exact).toBe(0);
    const reversed = playground('reverse').baselines(heldOut(4, 100)).repeating!;
    expect(reversed.byLength.map(([length]) => length)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(reversed.byLength[0]![1]).toBe(1);
    expect(reversed.byLength[7]![1]).toBe(0);
  });

  it('of the language model approach the entropy rate with their order, and stay above it', () => {
    const { unigram, bigram, fiveGram, entropy } = playground('characters').baselines(heldOut(32, 20));
    const losses = [unigram, bigram, fiveGram, entropy].map((each) => each!.metrics.loss!);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    expect(entropy!.metrics.natsPerSentence).toBe(englishGrammar().entropyInNats);
    // No predictor of characters is worse than one that knows nothing.
    expect(losses[0]).toBeLessThan(Math.log(CHARACTERS.length + 1));
  });
});

describe('drawText', () => {
  it('draws sentences of the grammar in sequence, and cuts off the last', () => {
    const { input, target } = drawText(RandomStream.fromSeed(4), FRAME, 200);
    expect([input.length, target.length]).toEqual([200, 200]);
    const text = target.map((symbol) => (symbol === FRAME.end ? '\n' : CHARACTERS[symbol - FIRST_SYMBOL])).join('');
    const words = new Set(englishGrammar().words);
    const whole = text.split('\n').slice(0, -1);
    expect(whole.length).toBeGreaterThan(2);
    for (const sentence of whole) {
      expect(sentence.endsWith(' .')).toBe(true);
      for (const word of sentence.split(' ')) expect(words.has(word)).toBe(true);
    }
  });
});
