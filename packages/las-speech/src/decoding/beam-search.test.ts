import { ctcLoss, RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { compile } from '@motley/tensorflow';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { BEGIN, END, PADDING } from '../alphabet.ts';
import { modelSchema } from '../config.ts';
import { type Heard, ListenAttendSpell } from '../model.ts';
import { beamSearch, type BeamSearchOptions } from './beam-search.ts';
import type { LanguageModel } from './language-model.ts';

const { describeNative } = await nativeGate(() => chooseBackend('tensorflow'));

beforeAll(async () => {
  await chooseBackend('auto');
});

const VOCABULARY = 5;
/** Frames of each sentence; two are a step. */
const LENGTHS = [10, 6];

const plain: BeamSearchOptions = {
  beam: 32,
  symbolsPerStep: 0.8,
  ctcWeight: 0,
  languageWeight: 0,
  endThreshold: null,
  coverageWeight: 0,
  coverageThreshold: 0.5,
  lengthBonus: 0,
  lengthNormalization: 0,
};

type Heads = 'both' | 'attention' | 'ctc';

/** A model with weights large enough that its distributions are far from uniform. */
function model(seed: number, heads: Heads = 'both'): ListenAttendSpell {
  const network = new ListenAttendSpell(
    modelSchema.parse({
      heads,
      listenerUnits: 4,
      pyramidLayers: 1,
      attentionSize: 4,
      locationFilters: 2,
      locationRadius: 1,
      spellerUnits: 4,
      embeddingSize: 4,
      features: 3,
      alphabetSize: VOCABULARY,
    }),
    RandomStream.fromSeed(seed),
  ).eval();
  for (const variable of network.namedParameters().values())
    tf.tidy(() => {
      variable.assign(tf.mul(variable, 3));
    });
  return network;
}

const frames = (): tf.Tensor =>
  tf.tensor3d(RandomStream.fromSeed(9).normalValues(LENGTHS.length * LENGTHS[0]! * 3), [
    LENGTHS.length,
    LENGTHS[0]!,
    3,
  ]);

const listen = (network: ListenAttendSpell): Heard => network.listen(frames(), tf.tensor1d(LENGTHS, 'int32'));

/** One sentence of what was heard, without padding. */
function alone({ values, lengths }: Heard, sentence: number): Heard {
  const [steps] = lengths.slice([sentence], [1]).dataSync<'int32'>();
  return {
    values: tf.slice(values, [sentence, 0, 0], [1, steps!, -1]),
    lengths: tf.slice(lengths, [sentence], [1]),
  };
}

/** A language model that remembers the last two letters. */
const pairs: LanguageModel & { table: number[][][] } = {
  table: Array.from({ length: VOCABULARY }, (_, a) =>
    Array.from({ length: VOCABULARY }, (__, b) => [
      ...tf.tidy(() => tf.logSoftmax(RandomStream.fromSeed(100 * a + b).normalValues(VOCABULARY, 0, 2)).dataSync()),
    ]),
  ),
  begin: (rows) => tf.fill([rows], PADDING, 'int32'),
  step(symbols, state) {
    const rows = tf.add(tf.mul(state as tf.Tensor, tf.scalar(VOCABULARY, 'int32')), symbols);
    const table = tf.reshape(tf.tensor(pairs.table), [VOCABULARY * VOCABULARY, VOCABULARY]);
    return { logProbabilities: tf.gather(table, rows), state: symbols };
  },
};

interface Found {
  readonly symbols: readonly number[];
  readonly score: number;
}

/** Every sequence of at most `longest` symbols, the end included. */
function everyTranscript(longest: number): number[][] {
  const shorter = longest === 1 ? [] : everyTranscript(longest - 1);
  return [[END], ...[3, 4].flatMap((letter) => shorter.map((rest) => [letter, ...rest]))];
}

/** Every transcript of a sentence, scored as a whole, best first. */
function exhaustive(network: ListenAttendSpell, heard: Heard, options: BeamSearchOptions): Found[] {
  const { endThreshold, coverageWeight, coverageThreshold, lengthBonus, lengthNormalization } = options;
  const longest = Math.ceil(heard.values.shape[1]! * options.symbolsPerStep);
  const all = everyTranscript(longest);
  const values = tf.tile(heard.values, [all.length, 1, 1]);
  const lengths = tf.tile(heard.lengths, [all.length]);
  const filled = (rows: readonly (readonly number[])[]) => {
    const padded = rows.map((row) => [...row, ...new Array<number>(longest - row.length).fill(PADDING)]);
    return tf.tensor2d(padded, [all.length, longest], 'int32');
  };
  const { speller, ctc } = network;
  const spelled = speller?.forward(speller.attention.remember(values, lengths), filled(all));
  const steps = spelled && (tf.logSoftmax(spelled.logits).arraySync() as number[][][]);
  const weights = spelled?.weights.arraySync() as number[][][] | undefined;
  const letters = all.map((symbols) => symbols.slice(0, -1));
  const counts = tf.tensor1d(
    letters.map(({ length }) => length),
    'int32',
  );
  const ctcLosses = ctc && ctcLoss(ctc.forward(values), lengths, filled(letters), counts).dataSync();
  const ctcWeight = speller === undefined ? 1 : options.ctcWeight;
  return all
    .map((symbols, row) => {
      const end = steps?.[row]?.[symbols.length - 1];
      const isAllowed = !end || endThreshold === null || end[END]! > endThreshold * Math.max(end[3]!, end[4]!);
      const ofSpeller = symbols.reduce((sum, symbol, index) => sum + (steps?.[row]![index]![symbol] ?? 0), 0);
      const history = [PADDING, BEGIN, ...symbols];
      const ofPairs = symbols.reduce(
        (sum, symbol, index) => sum + pairs.table[history[index]!]![history[index + 1]!]![symbol]!,
        0,
      );
      const sum =
        (ctcWeight < 1 ? (1 - ctcWeight) * ofSpeller : 0) -
        (ctcWeight > 0 ? ctcWeight * ctcLosses![row]! : 0) +
        options.languageWeight * ofPairs;
      const read = weights?.[row]!.slice(0, symbols.length) ?? [];
      const covered = (read[0] ?? []).filter(
        (_, step) => read.reduce((total, each) => total + each[step]!, 0) > coverageThreshold,
      ).length;
      const normalized = sum / ((5 + symbols.length) / 6) ** lengthNormalization;
      const score = normalized + lengthBonus * symbols.length + coverageWeight * covered;
      return { symbols, score: isAllowed ? score : -Infinity };
    })
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => b.score - a.score);
}

const without = (symbols: readonly number[]): number[] => symbols.filter((symbol) => symbol !== PADDING);

const all: Partial<BeamSearchOptions> = {
  ctcWeight: 0.3,
  languageModel: pairs,
  languageWeight: 0.5,
  endThreshold: 2,
  coverageWeight: 0.3,
  lengthBonus: 0.2,
  lengthNormalization: 0.3,
};

const cases: readonly [name: string, heads: Heads, options: Partial<BeamSearchOptions>][] = [
  ['attention alone', 'attention', {}],
  ['a length bonus', 'attention', { lengthBonus: 0.7 }],
  ['length normalization', 'attention', { lengthNormalization: 0.8 }],
  ['an end threshold', 'attention', { endThreshold: 3 }],
  ['coverage', 'attention', { coverageWeight: 0.9, coverageThreshold: 0.4 }],
  ['CTC alone', 'ctc', {}],
  ['CTC and attention', 'both', { ctcWeight: 0.4 }],
  ['a language model', 'attention', { languageModel: pairs, languageWeight: 0.6 }],
  ['a language model and CTC', 'ctc', { languageModel: pairs, languageWeight: 0.6 }],
  ['everything', 'both', all],
];

/** The most probable symbol, step by step, and the sum of their log-probabilities. */
function stepByStep({ speller }: ListenAttendSpell, { values, lengths }: Heard, symbolsPerStep: number) {
  const memory = speller!.attention.remember(values, lengths);
  const said: number[] = [];
  let sum = 0;
  let state = speller!.begin(memory);
  while (said.at(-1) !== END && said.length < Math.ceil(values.shape[1]! * symbolsPerStep)) {
    const next = speller!.spell(tf.tensor1d([said.at(-1) ?? BEGIN], 'int32'), state, memory);
    const allowed = [...tf.logSoftmax(next.logits).dataSync()].map((each, symbol) => (symbol < END ? -Infinity : each));
    const symbol = allowed.indexOf(Math.max(allowed[2]!, allowed[3]!, allowed[4]!));
    said.push(symbol);
    sum += allowed[symbol]!;
    ({ state } = next);
  }
  return { said, sum };
}

describe('beam search', () => {
  it.each(cases)('finds what an exhaustive search finds, where the beam is wide enough: %s', (_, heads, given) => {
    let complete = 0;
    for (const seed of [1, 2, 3]) {
      tf.engine().startScope();
      const network = model(seed, heads);
      const options = { ...plain, ...given };
      const heard = listen(network);
      const { symbols, scores } = beamSearch(network, heard, options);
      for (const sentence of LENGTHS.keys()) {
        const expected = exhaustive(network, alone(heard, sentence), options);
        const found = without((symbols.arraySync() as number[][][])[sentence]![0]!);
        complete += expected.length;
        if (expected.length === 0) {
          expect(found).not.toContain(END);
          continue;
        }
        expect(found).toEqual(expected[0]!.symbols);
        expect((scores.arraySync() as number[][])[sentence]![0]).toBeCloseTo(expected[0]!.score, 4);
      }
      network.dispose();
      tf.engine().endScope();
    }
    expect(complete).toBeGreaterThan(0);
  });

  it('decodes greedily with a beam of one', () => {
    const lengths = new Set<number>();
    for (const seed of [1, 2, 3, 4]) {
      const network = model(seed);
      const heard = listen(network);
      const { symbols, logProbabilities } = beamSearch(network, heard, { ...plain, beam: 1, symbolsPerStep: 2 });
      for (const sentence of LENGTHS.keys()) {
        const { said, sum } = stepByStep(network, alone(heard, sentence), 2);
        expect(without((symbols.arraySync() as number[][][])[sentence]![0]!)).toEqual(said);
        expect((logProbabilities.arraySync() as number[][])[sentence]![0]).toBeCloseTo(sum, 4);
        lengths.add(said.length);
      }
    }
    expect(lengths.size).toBeGreaterThan(1);
  });

  it('ranks what has an end before what was cut, each by its score', () => {
    const network = model(2);
    const { symbols, scores } = beamSearch(network, listen(network), { ...plain, beam: 4, ctcWeight: 0.4 });
    const ends = (symbols.arraySync() as number[][][]).map((rows) => rows.map((row) => row.includes(END)));
    for (const [sentence, isComplete] of ends.entries()) {
      const count = isComplete.filter(Boolean).length;
      expect(isComplete.slice(0, count)).not.toContain(false);
      const values = (scores.arraySync() as number[][])[sentence]!;
      for (const part of [values.slice(0, count), values.slice(count)])
        expect(part).toEqual([...part].sort((a, b) => b - a));
    }
    expect(ends.flat()).toContain(true);
  });

  it('finds in a batch what it finds sentence by sentence', () => {
    const options = { ...plain, ...all, beam: 3, symbolsPerStep: 1.5 };
    for (const seed of [1, 2, 3]) {
      const network = model(seed);
      const heard = listen(network);
      const together = beamSearch(network, heard, options);
      for (const sentence of LENGTHS.keys()) {
        const single = beamSearch(network, alone(heard, sentence), options);
        const [inBatch, byItself] = [together.symbols, single.symbols].map((each) => each.arraySync() as number[][][]);
        expect(inBatch![sentence]!.map(without)).toEqual(byItself![0]!.map(without));
        const [scores, expected] = [together.scores, single.scores].map((each) => each.arraySync() as number[][]);
        for (const [place, score] of expected![0]!.entries()) expect(scores![sentence]![place]).toBeCloseTo(score, 4);
      }
    }
  });

  it('leaves no tensors behind', () => {
    const network = model(1);
    const before = tf.memory().numTensors;
    tf.tidy(() => beamSearch(network, listen(network), { ...plain, ...all, beam: 2 }).symbols).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a model without heads', () => {
    const network = model(1);
    Object.assign(network, { speller: undefined, ctc: undefined });
    expect(() => beamSearch(network, listen(network), plain)).toThrow('expected a model with a speller or a CTC head');
  });
});

describeNative('beam search, compiled', () => {
  it('finds what it finds uncompiled', async () => {
    await chooseBackend('tensorflow');
    const network = model(3);
    const options = { ...plain, ...all, beam: 3, symbolsPerStep: 1.5 };
    const search = (input: tf.Tensor, lengths: tf.Tensor) => {
      const { symbols, scores } = beamSearch(network, network.listen(input, lengths), options);
      return [symbols, scores];
    };
    const compiled = compile(search, { engine: 'grappler' });
    const given = [frames(), tf.tensor1d(LENGTHS, 'int32')] as const;
    const [symbols, scores] = compiled(...given) as [tf.Tensor, tf.Tensor];
    const [expected, expectedScores] = tf.tidy(() => search(...given)) as [tf.Tensor, tf.Tensor];
    expect(symbols.arraySync()).toEqual(expected.arraySync());
    const values = scores.dataSync();
    for (const [place, value] of expectedScores.dataSync().entries()) expect(values[place]! / value).toBeCloseTo(1, 4);
    compiled.dispose();
  });
});
