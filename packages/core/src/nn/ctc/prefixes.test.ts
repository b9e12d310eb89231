import { compile } from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { whileLoop } from '../../control-flow/branches.ts';
import { tidied } from '../../control-flow/tree.ts';
import { RandomStream } from '../../random/random-stream.ts';
import { describeNative, describeOn } from '../../testing/native.ts';
import { BACKENDS, startBackend } from '../testing.ts';
import { ctcLogProbabilities, type CtcPrefixes, ctcPrefixExtend, ctcPrefixScores, ctcPrefixStart } from './prefixes.ts';
import { drawRows, probabilityThat, type Rows } from './testing.ts';

const [TIME, CLASSES, END] = [5, 4, 3];
const LENGTHS = [5, 3, 1];

const random = RandomStream.fromSeed(3);
const sequences = LENGTHS.map((length) => drawRows(random, length, CLASSES));

/** Logits [R, T, V] with NaN beyond the lengths, for rows of these sequences. */
function logitsOf(rows: readonly number[]): tf.Tensor {
  const padding = Array.from({ length: CLASSES }, () => NaN);
  const padded = rows.map((row) => Array.from({ length: TIME }, (_, time) => sequences[row]![time] ?? padding));
  return tf.tensor(padded, [rows.length, TIME, CLASSES]);
}

function prefixesOf(rows: readonly number[], blank: number): CtcPrefixes {
  const lengths = tf.tensor1d(
    rows.map((row) => LENGTHS[row]!),
    'int32',
  );
  return { logProbabilities: ctcLogProbabilities(logitsOf(rows), lengths, { blank }), blank };
}

function expectScores(found: tf.Tensor, rows: Rows[], prefixes: readonly (readonly number[])[], blank: number): void {
  const values = found.arraySync() as number[][];
  for (const [row, prefix] of prefixes.entries())
    for (let symbol = 0; symbol < CLASSES; symbol++) {
      const longer = [...prefix, symbol].join();
      const isWanted = (labels: readonly number[]) =>
        symbol === END ? labels.join() === prefix.join() : labels.slice(0, prefix.length + 1).join() === longer;
      const expected = symbol === blank ? 0 : probabilityThat(rows[row]!, blank, isWanted);
      const value = values[row]![symbol]!;
      if (expected === 0) expect(value).toBe(Math.fround(-1e30));
      else expect(Math.abs(value - Math.log(expected))).toBeLessThan(1e-5);
    }
}

describeOn(BACKENDS, 'prefixes on %s', (backend) => {
  beforeAll(() => startBackend(backend));

  it.each([0, 2])('scores equal the sums over all paths, with blank %i', (blank) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const rows = LENGTHS.map((_, row) => row);
      const given = prefixesOf(rows, blank);
      const symbols = [0, 1, 2, 3].filter((symbol) => symbol !== blank);
      const [x, y] = symbols as [number, number];
      // A repetition, an alternation, and one label too many for the third sequence.
      const steps = [
        [x, y, x],
        [x, x, y],
        [x, y, y],
      ];
      let state = ctcPrefixStart(given);
      let last = tf.fill([rows.length], blank, 'int32');
      let prefixes: number[][] = rows.map(() => []);
      expectScores(ctcPrefixScores(given, state, last, END), sequences, prefixes, blank);
      for (const step of steps) {
        const chosen = tf.tensor1d(step, 'int32');
        state = ctcPrefixExtend(given, state, last, { rows: tf.tensor1d(rows, 'int32'), symbols: chosen });
        prefixes = prefixes.map((prefix, row) => [...prefix, step[row]!]);
        last = chosen;
        expectScores(ctcPrefixScores(given, state, last, END), sequences, prefixes, blank);
      }
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('extends the rows that a beam keeps', () => {
    tf.tidy(() => {
      const of = [0, 0, 1];
      const given = prefixesOf(of, 0);
      const start = ctcPrefixStart(given);
      const first = tf.tensor1d([1, 2, 1], 'int32');
      const grown = ctcPrefixExtend(given, start, first, { rows: tf.tensor1d([0, 1, 2], 'int32'), symbols: first });
      const second = tf.tensor1d([2, 1, 2, 1], 'int32');
      const kept = { rows: tf.tensor1d([1, 0, 2, 1], 'int32'), symbols: second };
      const state = ctcPrefixExtend(given, grown, first, kept);
      expect(state.shape).toEqual([4, TIME + 1, 2]);
      const again = prefixesOf([0, 0, 1, 0], 0);
      const prefixes = [
        [2, 2],
        [1, 1],
        [1, 2],
        [2, 1],
      ];
      const rows = [0, 0, 1, 0].map((row) => sequences[row]!);
      expectScores(ctcPrefixScores(again, state, second, END), rows, prefixes, 0);
    });
  });

  it('a long sequence loses no precision', () => {
    tf.tidy(() => {
      const time = 400;
      const logits = tf.tensor(RandomStream.fromSeed(1).uniformValues(time * 3), [1, time, 3]);
      const given = { logProbabilities: ctcLogProbabilities(logits, tf.tensor1d([time], 'int32')) };
      const one = tf.tensor1d([1], 'int32');
      const state = ctcPrefixExtend(given, ctcPrefixStart(given), one, {
        rows: tf.tensor1d([0], 'int32'),
        symbols: one,
      });
      const found = state.arraySync() as number[][][];
      // The recursion itself, in double precision.
      const logarithms = given.logProbabilities.arraySync() as number[][][];
      let [blanks, inSymbol, inBlank] = [0, -Infinity, -Infinity];
      const add = (x: number, y: number) => {
        const largest = Math.max(x, y);
        return largest === -Infinity ? largest : largest + Math.log(Math.exp(x - largest) + Math.exp(y - largest));
      };
      for (let t = 1; t <= time; t++) {
        const [blank, symbol] = logarithms[0]![t - 1] as [number, number];
        [inSymbol, inBlank] = [add(inSymbol, blanks) + symbol, add(inSymbol, inBlank) + blank];
        blanks += blank;
        const wanted = [inSymbol, inBlank];
        for (const [part, value] of wanted.entries())
          if (value > -Infinity) expect(Math.abs(found[0]![t]![part]! / value - 1)).toBeLessThan(2e-6);
      }
    });
  });

  it('refuses a blank that is no class', () => {
    const logits = tf.zeros([1, 2, 3]);
    const lengths = tf.tensor1d([2], 'int32');
    expect(() => ctcLogProbabilities(logits, lengths, { blank: 3 })).toThrow(
      'ctcLogProbabilities: expected a blank in [0, 3), got 3',
    );
    tf.dispose([logits, lengths]);
  });
});

describeNative('prefixes in a compiled loop', () => {
  beforeAll(() => startBackend('tensorflow'));

  it.each(['grappler', 'xla'] as const)('spells the most probable prefixes as the loop in JavaScript, %s', (engine) => {
    const spell = (logits: tf.Tensor, lengths: tf.Tensor): tf.Tensor[] => {
      const given = { logProbabilities: ctcLogProbabilities(logits, lengths) };
      const rows = tf.range(0, LENGTHS.length, 1, 'int32');
      const start: Readonly<Record<'round' | 'state' | 'last' | 'scores', tf.Tensor>> = {
        round: tf.scalar(0, 'int32'),
        state: ctcPrefixStart(given),
        last: tf.zeros([LENGTHS.length], 'int32'),
        scores: tf.zeros([LENGTHS.length, CLASSES]),
      };
      const result = whileLoop(
        ({ round }) => tf.less(round, tf.scalar(3, 'int32')),
        ({ round, state, last }) => {
          const scores = ctcPrefixScores(given, state, last, END);
          const symbols = tf.cast(tf.argMax(tf.slice(scores, [0, 0], [-1, END]), 1), 'int32');
          const next = ctcPrefixExtend(given, state, last, { rows, symbols });
          return { round: tf.add(round, tf.scalar(1, 'int32')), state: next, last: symbols, scores };
        },
        start,
      );
      return [result.scores, result.last];
    };
    const fast = compile(spell, { engine });
    const before = tf.memory().numTensors;
    tidied(() => {
      const given = [logitsOf([0, 1, 2]), tf.tensor1d(LENGTHS, 'int32')] as const;
      const [expected, found] = [spell(...given), fast(...given)];
      for (const [index, each] of expected.entries()) {
        const [a, b] = [each.dataSync(), found[index]!.dataSync()];
        for (const [place, value] of a.entries()) expect(Math.abs(b[place]! - value)).toBeLessThan(1e-5);
      }
    });
    expect(tf.memory().numTensors).toBe(before);
    fast.dispose();
  });
});
