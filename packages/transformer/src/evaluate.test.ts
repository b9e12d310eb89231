import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bucketedBatches, framed, lengthOf } from './batches.ts';
import { createModel } from './create-model.ts';
import { encodePairs } from './data.ts';
import { baselines, scoreTranslations, measureLoss } from './evaluate.ts';
import { sentence, SMALL_PAIRS } from './testing/pairs.ts';
import { tiny } from './testing/settings.ts';
import { FRAME, learnVocabulary } from './vocabulary.ts';

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('measureLoss', () => {
  it('weights every symbol equally, for any batching', async () => {
    const pairs = [...SMALL_PAIRS.slice(0, 5), sentence('A dog.', 'Ein Hund.'), sentence('Who?', 'Wer ist das da?')];
    const tokenizer = learnVocabulary(
      pairs.flatMap(({ english, german }) => [english, german]),
      30,
    );
    const model = createModel(tiny(), tokenizer).eval();
    const examples = encodePairs(pairs, tokenizer);
    let [nats, symbols] = [0, 0];
    for (const example of examples) {
      const { source, input, target } = framed(example, FRAME);
      const row = (values: readonly number[]) => tf.tensor2d([[...values]], undefined, 'int32');
      tf.tidy(() => {
        const logProbabilities = tf.logSoftmax(model.forward(row(source), row(input))).arraySync() as number[][][];
        target.forEach((symbol, place) => (nats -= logProbabilities[0]![place]![symbol]!));
      });
      symbols += target.length;
    }
    const longest = largest(examples.map((example) => lengthOf(example)));
    for (const boundaries of [[longest], [longest - 3, longest]]) {
      const batches = bucketedBatches(examples, FRAME, { boundaries, symbolsPerBatch: 3 * longest });
      expect(await measureLoss(model, batches)).toBeCloseTo(nats / symbols, 4);
    }
    model.dispose();
  });
});

describe('scores of translations', () => {
  const references = ['Der Hund schläft im Garten.', 'Die Frau liest ein Buch.'];

  it('compare them with the references', () => {
    expect(scoreTranslations(references, references)).toMatchObject({
      bleu: expect.closeTo(100, 6) as number,
      exact: 1,
    });
    const half = scoreTranslations([references[0]!, 'Ein Mann geht.'], references);
    expect(half.exact).toBe(0.5);
    expect(half.bleu).toBeGreaterThan(scoreTranslations(['Nichts davon ist wahr.', 'Ein Mann geht.'], references).bleu);
  });

  it('include copying, word for word and the nearest neighbor as baselines', () => {
    const training = SMALL_PAIRS.filter((_, index) => index % 3 !== 1);
    const test = [SMALL_PAIRS[1]!, SMALL_PAIRS[4]!];
    const words = new Map([
      ['man', 'Mann'],
      ['the', 'der'],
      ['a', 'einen'],
      ['dog', 'Hund'],
      ['sees', 'sieht'],
    ]);
    const found = baselines({ training, test, words });
    expect(Object.keys(found)).toEqual(['copying', 'wordForWord', 'nearestNeighbor']);
    expect(found.copying!.exact).toBe(0);
    expect(found.wordForWord!.exact).toBe(0.5); // "Der Mann sieht einen Hund." and not "Der Mann finds einen Hund."
    expect(found.nearestNeighbor!.chrf).toBeGreaterThan(found.copying!.chrf!);
  });
});

describe('bucketedBatches', () => {
  it('has batches of similar numbers of symbols, and only whole batches in training', async () => {
    const examples = Array.from({ length: 50 }, (_, index) => ({
      source: new Array<number>(1 + (index % 10)).fill(5),
      target: new Array<number>(1 + (index % 7)).fill(6),
    }));
    const boundaries = [6, 12];
    const random = RandomStream.fromSeed(1);
    const training = bucketedBatches(examples, FRAME, { boundaries, symbolsPerBatch: 48, random });
    const shapes: string[] = [];
    for await (const { source, input, target } of training.batches(0)) {
      expect(source.shape).toEqual(input.shape);
      expect(target.shape).toEqual(input.shape);
      shapes.push(source.shape.join('x'));
      tf.dispose([source, input, target]);
    }
    expect([...new Set(shapes)].sort()).toEqual(['4x12', '8x6']);
    const all = bucketedBatches(examples, FRAME, { boundaries, symbolsPerBatch: 48 });
    let pairs = 0;
    for await (const batch of all.batches(0)) {
      pairs += batch.source.shape[0];
      tf.dispose(batch);
    }
    expect(pairs).toBe(50);
    expect(() => bucketedBatches(examples, FRAME, { boundaries, symbolsPerBatch: 4800, random })).toThrow(
      /^training pairs: expected a whole batch .* in some bucket, found 50 pairs: \d+, \d+ in the buckets, whose batch sizes are 800, 400$/,
    );
  });
});
