import { largest } from '@motley/run';
import { compile } from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { RandomStream } from '../../random/random-stream.ts';
import { describeNative, describeOn } from '../../testing/native.ts';
import { BACKENDS, fromNumbers, type Numbers, startBackend } from '../testing.ts';
import { ctcLoss, type CtcLossOptions } from './loss.ts';
import reference from './reference.json' with { type: 'json' };
import { ctcInDoublePrecision, drawRows, probabilityThat } from './testing.ts';

type Name = keyof typeof reference;
const names = Object.keys(reference) as Name[];
/** XLA compiles each for a second. */
const XLA_CASES: readonly Name[] = ['repeated labels', 'labels that do not fit'];

interface Case {
  readonly logits: Numbers;
  readonly logitLengths: readonly number[];
  readonly labels: readonly (readonly number[])[];
  readonly labelLengths: readonly number[];
  readonly blank: number;
  /** null where no path spells the labels. */
  readonly losses: readonly (number | null)[];
  readonly along: readonly number[];
  readonly gradient: Numbers;
}

const int32 = (values: readonly number[], shape: number[] = [values.length]) => tf.tensor([...values], shape, 'int32');

/** Logits, their lengths, labels, their lengths. */
type Given = [logits: tf.Tensor, logitLengths: tf.Tensor, labels: tf.Tensor, labelLengths: tf.Tensor];

function givenOf({ logits, logitLengths, labels, labelLengths }: Case): Given {
  const shape = [labels.length, labels[0]!.length];
  return [fromNumbers(logits), int32(logitLengths), int32(labels.flat(), shape), int32(labelLengths)];
}

/** The case with garbage beyond every length. */
function withGarbage(each: Case): Case {
  const [, time, classes] = each.logits.shape as [number, number, number];
  const isPadding = (index: number) => {
    const row = Math.floor(index / (time * classes));
    return Math.floor(index / classes) % time >= each.logitLengths[row]!;
  };
  return {
    ...each,
    logits: { ...each.logits, values: each.logits.values.map((value, index) => (isPadding(index) ? NaN : value)) },
    labels: each.labels.map((row, index) =>
      row.map((label, place) => (place < each.labelLengths[index]! ? label : -7 + 1000 * place)),
    ),
  };
}

/** Losses, and the gradients of Σ losses · along. */
function lossesAndGradient(given: Given, along: tf.Tensor, options: CtcLossOptions): tf.Tensor[] {
  const [logits, ...rest] = given;
  const losses = ctcLoss(logits, ...rest, options);
  return [losses, tf.grad((x) => tf.sum(tf.mul(ctcLoss(x, ...rest, options), along)))(logits)];
}

/** Compares with a tolerance relative to the largest finite expected value, or to 1. Other values must be equal. */
function expectClose(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): void {
  expect(found).toHaveLength(expected.length);
  const scale = Math.max(1, largest(expected.filter(Number.isFinite).map(Math.abs)));
  const differences = expected.map((value, index) => (found[index] === value ? 0 : Math.abs(found[index]! - value)));
  expect(Math.max(0, largest(differences)) / scale).toBeLessThan(tolerance);
}

function expectReference([losses, gradient]: readonly tf.Tensor[], each: Case, impossible: number): void {
  expectClose(
    losses!.dataSync(),
    each.losses.map((loss) => loss ?? impossible),
  );
  expect(gradient!.shape).toEqual(each.logits.shape);
  expectClose(gradient!.dataSync(), each.gradient.values);
}

describeOn(BACKENDS, 'ctcLoss on %s', (backend) => {
  beforeAll(() => startBackend(backend));

  it.each(names)('%s: matches PyTorch, whatever the padding, and leaks no tensors', (name) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const plain: Case = reference[name];
      for (const each of [plain, withGarbage(plain)])
        for (const zeroInfinity of [false, true]) {
          const options = { blank: each.blank, zeroInfinity };
          const found = lossesAndGradient(givenOf(each), tf.tensor1d([...each.along]), options);
          expectReference(found, each, zeroInfinity ? 0 : Infinity);
        }
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('equals the sum over all paths', () => {
    const random = RandomStream.fromSeed(5);
    const [time, classes, blank] = [5, 3, 1];
    const all = [[], [0], [2], [0, 0], [0, 2], [2, 0], [0, 2, 0], [2, 2, 0], [2, 2, 2], [0, 2, 0, 2, 0], [0, 0, 2, 2]];
    const rows = all.map(() => drawRows(random, time, classes));
    const expected = all.map(
      (labels, index) => -Math.log(probabilityThat(rows[index]!, blank, (spelled) => spelled.join() === labels.join())),
    );
    expect(expected.at(-1)).toBe(Infinity);
    tf.tidy(() => {
      const labels = all.flatMap((each) => [...each, 9, 9, 9, 9, 9].slice(0, 5));
      const losses = ctcLoss(
        tf.tensor3d(rows),
        int32(all.map(() => time)),
        int32(labels, [all.length, 5]),
        int32(all.map(({ length }) => length)),
        { blank },
      );
      expectClose(losses.dataSync(), expected);
    });
  });

  it('a long sequence loses no digits', () => {
    const random = RandomStream.fromSeed(6);
    const rows = drawRows(random, 500, 20);
    const labels = Array.from(random.uniformValues(100), (value) => 1 + Math.floor(19 * value));
    const { loss, gradient } = ctcInDoublePrecision(rows, labels);
    expect(loss).toBeGreaterThan(1000);
    tf.tidy(() => {
      const given: Given = [tf.tensor3d([rows]), int32([500]), int32(labels, [1, 100]), int32([100])];
      const found = lossesAndGradient(given, tf.ones([1]), {});
      expectClose(found[0]!.dataSync(), [loss], 2e-6);
      expectClose(found[1]!.dataSync(), gradient.flat(), 2e-5);
    });
  });

  it('a class that is ruled out by −∞ makes its labels impossible, and no other', () => {
    tf.tidy(() => {
      const row = [0.5, -Infinity, 1];
      const logits = tf.tensor3d([
        [row, row, row],
        [row, row, row],
      ]);
      const along = tf.tensor1d([1, 1]);
      const given: Given = [logits, int32([3, 3]), int32([1, 2], [2, 1]), int32([1, 1])];
      const [losses, gradient] = lossesAndGradient(given, along, {});
      const [blank, label] = [1, Math.exp(0.5)].map((each) => each / (1 + Math.exp(0.5))) as [number, number];
      const likelihood = 3 * label * blank ** 2 + 2 * label ** 2 * blank + label ** 3;
      expectClose(losses!.dataSync(), [Infinity, -Math.log(likelihood)]);
      const values = [...gradient!.dataSync()];
      expect(values.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 0));
      expect(values.every((value) => Number.isFinite(value))).toBe(true);
      expect([values[10], values[13], values[16]]).toEqual([0, 0, 0]);
    });
  });

  it('has no examples, no time and no classes beside the blank', () => {
    tf.tidy(() => {
      const none = int32([], [0]);
      const [losses, gradient] = lossesAndGradient(
        [tf.zeros([0, 3, 4]), none, int32([], [0, 2]), none],
        tf.zeros([0]),
        {},
      );
      expect([losses!.shape, gradient!.shape]).toEqual([[0], [0, 3, 4]]);
      const timeless = lossesAndGradient(
        [tf.zeros([2, 0, 3]), int32([0, 0]), int32([1, 2], [2, 1]), int32([0, 1])],
        tf.ones([2]),
        {},
      );
      expect([...timeless[0]!.dataSync()]).toEqual([0, Infinity]);
      expect(timeless[1]!.shape).toEqual([2, 0, 3]);
      const single = lossesAndGradient(
        [tf.ones([1, 2, 1]), int32([2]), int32([], [1, 0]), int32([0])],
        tf.ones([1]),
        {},
      );
      expect(single.map((each) => [...each.dataSync()])).toEqual([[0], [0, 0]]);
    });
  });

  it('is NaN where a logit is NaN', () => {
    tf.tidy(() => {
      const logits = tf.tensor([0, 1, 2, NaN, 1, 0, 0, 0, 1, 0, 0, 0], [2, 2, 3]);
      const losses = ctcLoss(logits, int32([2, 2]), int32([1, 1], [2, 1]), int32([1, 1]), { zeroInfinity: true });
      const [first, second] = losses.dataSync();
      expect([Number.isNaN(first), Number.isFinite(second)]).toEqual([true, true]);
    });
  });

  const wrong: [
    name: string,
    change: Partial<Record<'lengths' | 'labels' | 'labelLengths', number[]>>,
    what: string,
  ][] = [
    ['a length of logits', { lengths: [4, 2] }, 'logitLengths in [0, 3], got 4'],
    ['a negative length', { lengths: [-1, 2] }, 'logitLengths in [0, 3], got -1'],
    ['a length of labels', { labelLengths: [3, 1] }, 'labelLengths in [0, 2], got 3'],
    ['a label', { labels: [5, 1, 2, 1] }, 'labels in [0, 5) other than the blank 0, got 5'],
    ['a negative label', { labels: [1, -1, 2, 1] }, 'labels in [0, 5) other than the blank 0, got -1'],
    ['the blank as a label', { labels: [0, 1, 2, 1] }, 'labels in [0, 5) other than the blank 0, got 0'],
  ];
  it.each(wrong)('refuses %s outside, or its loss alone is NaN', (_, change, what) => {
    tf.tidy(() => {
      const { lengths = [3, 2], labels = [1, 1, 2, 7], labelLengths = [2, 1] } = change;
      const run = () => ctcLoss(tf.zeros([2, 3, 5]), int32(lengths), int32(labels, [2, 2]), int32(labelLengths));
      if (backend === 'tensorflow') {
        const [first, second] = run().dataSync();
        expect([Number.isNaN(first), Number.isFinite(second)]).toEqual([true, true]);
      } else expect(run).toThrow(`ctcLoss: expected ${what}`);
    });
  });

  it('refuses other shapes and dtypes', () => {
    tf.tidy(() => {
      const logits = tf.zeros([2, 3, 5]);
      const [lengths, labels] = [int32([3, 3]), int32([1, 1], [2, 1])];
      expect(() => ctcLoss(logits, lengths, labels, tf.ones([2]))).toThrow('expected int32 labelLengths, got float32');
      expect(() => ctcLoss(logits, int32([3]), labels, int32([1, 1]))).toThrow(
        'ctcLoss: expected logits [B, T, V], logitLengths [B], labels [B, L] and labelLengths [B], ' +
          'got [2, 3, 5], [1], [2, 1] and [2]',
      );
      expect(() => ctcLoss(logits, lengths, labels, int32([1, 1]), { blank: 5 })).toThrow(
        'ctcLoss: expected a blank in [0, 5), got 5',
      );
    });
  });
});

describeNative('ctcLoss compiled', () => {
  beforeAll(() => startBackend('tensorflow'));

  it.each(names)('%s: has the values and gradients of PyTorch', (name) => {
    const each: Case = reference[name];
    for (const engine of XLA_CASES.includes(name) ? (['grappler', 'xla'] as const) : (['grappler'] as const)) {
      const fast = compile((given: Given, along: tf.Tensor) => lossesAndGradient(given, along, { blank: each.blank }), {
        engine,
      });
      tf.tidy(() => {
        expectReference(fast(givenOf(withGarbage(each)), tf.tensor1d([...each.along])), each, Infinity);
      });
      fast.dispose();
    }
  });
});
