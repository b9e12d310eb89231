import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelSchema } from '../config.ts';
import { Transformer } from '../model.ts';
import { beamSearch } from './beam-search.ts';

beforeAll(async () => {
  await chooseBackend('auto');
});

const VOCABULARY = 5;
const [BEGIN, END] = [1, 2];
const MAX_LENGTH = 4;

const model = (seed: number): Transformer =>
  new Transformer(
    modelSchema.parse({ width: 8, heads: 2, layers: 1, feedForwardWidth: 16, vocabulary: VOCABULARY, maxLength: 8 }),
    RandomStream.fromSeed(seed),
  ).eval();

const source = (): tf.Tensor => tf.tensor2d([3, 4, 3, 4, 4, 0], [2, 3], 'int32');

/** Every sentence of at most four symbols, with its log-probability, one by one and without a cache. */
function exhaustive(network: Transformer, sentence: number, lengthPenalty: number) {
  const one = tf.slice(source(), [sentence, 0], [1, 3]);
  const found: { symbols: number[]; score: number }[] = [];
  const visit = (symbols: number[], logProbability: number): void => {
    const score = logProbability / ((5 + symbols.length) / 6) ** lengthPenalty;
    if (symbols.at(-1) === END || symbols.length === MAX_LENGTH) {
      found.push({ symbols: [...symbols, ...new Array<number>(MAX_LENGTH - symbols.length).fill(0)], score });
      return;
    }
    const logits = network.forward(one, tf.tensor2d([[BEGIN, ...symbols]], [1, symbols.length + 1], 'int32'));
    const last = tf.logSoftmax(tf.slice(logits, [0, symbols.length, 0], [1, 1, VOCABULARY])).dataSync();
    last.forEach((value, symbol) => {
      visit([...symbols, symbol], logProbability + value);
    });
  };
  visit([], 0);
  return found.sort((a, b) => b.score - a.score);
}

describe('beam search', () => {
  it.each([
    [1, 0],
    [2, 1],
    [3, 0.6],
  ])(
    'finds what an exhaustive search finds, where the beam is wide enough (seed %i, penalty %f)',
    (seed, lengthPenalty) => {
      const network = model(seed);
      const options = { beam: VOCABULARY ** 3, maxLength: MAX_LENGTH, begin: BEGIN, end: END, lengthPenalty };
      const { symbols, scores } = beamSearch(network, source(), options);
      const all = symbols.arraySync() as number[][][];
      for (const sentence of [0, 1]) {
        const best = exhaustive(network, sentence, lengthPenalty)[0]!;
        expect(all[sentence]![0]).toEqual(best.symbols);
        expect((scores.arraySync() as number[][])[sentence]![0]).toBeCloseTo(best.score, 4);
      }
    },
  );

  it('decodes greedily with a beam of one', () => {
    const network = model(4);
    const { symbols } = beamSearch(network, source(), {
      beam: 1,
      maxLength: 4,
      begin: BEGIN,
      end: END,
      lengthPenalty: 0,
    });
    const expected = [0, 1].map((sentence) => {
      const one = tf.slice(source(), [sentence, 0], [1, 3]);
      const said = [BEGIN];
      while (said.length <= 4 && said.at(-1) !== END) {
        const logits = network.forward(one, tf.tensor2d([said], [1, said.length], 'int32'));
        said.push(tf.argMax(tf.slice(logits, [0, said.length - 1, 0], [1, 1, VOCABULARY]), -1).dataSync()[0]!);
      }
      return [...said.slice(1), ...new Array<number>(5 - said.length).fill(0)];
    });
    expect(tf.squeeze(symbols, [1]).arraySync()).toEqual(expected);
  });
});
