import { compile } from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { tidied } from '../../control-flow/tree.ts';
import { describeNative, describeOn } from '../../testing/native.ts';
import { BACKENDS, startBackend } from '../testing.ts';
import { ctcGreedy } from './greedy.ts';

/** Most probable classes, and NaN logits from the length on. */
interface Path {
  readonly classes: readonly number[];
  readonly length: number;
}

const paths: Path[] = [
  { classes: [1, 1, 0, 1, 2, 2, 3], length: 7 },
  { classes: [0, 0, 0, 0, 0, 0, 0], length: 7 },
  { classes: [3, 2, 0, 0, 2, 3, 3], length: 5 },
  { classes: [2, 1, 2, 1, 2, 1, 2], length: 7 },
  { classes: [1, 1, 1, 1, 1, 1, 1], length: 0 },
];

function logitsOf(classes: number): tf.Tensor {
  const rows = paths.map(({ classes: path, length }) =>
    path.map((best, time) =>
      Array.from({ length: classes }, (_, index) => (time >= length ? NaN : index === best ? 2 : -(index + 1) / 10)),
    ),
  );
  return tf.tensor3d(rows);
}

const lengthsOf = () =>
  tf.tensor1d(
    paths.map(({ length }) => length),
    'int32',
  );

/** Merges repetitions, then removes blanks, and pads with blanks. */
function expectedLabels(blank: number): { readonly labels: number[][]; readonly lengths: number[] } {
  const spelled = paths.map(({ classes, length }) =>
    classes.slice(0, length).filter((label, time, path) => label !== path[time - 1] && label !== blank),
  );
  return {
    labels: spelled.map((row) => [...row, ...paths[0]!.classes.map(() => blank)].slice(0, paths[0]!.classes.length)),
    lengths: spelled.map(({ length }) => length),
  };
}

describeOn(BACKENDS, 'ctcGreedy on %s', (backend) => {
  beforeAll(() => startBackend(backend));

  it.each([0, 1, 3])('merges repetitions, then removes blanks, with blank %i', (blank) => {
    const before = tf.memory().numTensors;
    tidied(() => {
      const { labels, lengths } = ctcGreedy(logitsOf(4), lengthsOf(), { blank });
      expect([labels.dtype, lengths.dtype]).toEqual(['int32', 'int32']);
      expect({ labels: labels.arraySync(), lengths: lengths.arraySync() }).toEqual(expectedLabels(blank));
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('has nothing to say about no time and no sequences', () => {
    tidied(() => {
      const timeless = ctcGreedy(tf.zeros([2, 0, 3]), tf.tensor1d([0, 0], 'int32'));
      expect([timeless.labels.shape, timeless.lengths.arraySync()]).toEqual([
        [2, 0],
        [0, 0],
      ]);
      const none = ctcGreedy(tf.zeros([0, 4, 3]), tf.tensor1d([], 'int32'));
      expect([none.labels.shape, none.lengths.shape]).toEqual([[0, 4], [0]]);
    });
  });

  it('refuses a blank that is no class', () => {
    tidied(() => {
      expect(() => ctcGreedy(logitsOf(4), lengthsOf(), { blank: -1 })).toThrow(
        'ctcGreedy: expected a blank in [0, 4), got -1',
      );
    });
  });
});

describeNative('ctcGreedy compiled', () => {
  beforeAll(() => startBackend('tensorflow'));

  it.each(['grappler', 'xla'] as const)('has the same labels, %s', (engine) => {
    const fast = compile((logits: tf.Tensor, lengths: tf.Tensor) => ctcGreedy(logits, lengths), { engine });
    tidied(() => {
      const { labels, lengths } = fast(logitsOf(4), lengthsOf());
      expect({ labels: labels.arraySync(), lengths: lengths.arraySync() }).toEqual(expectedLabels(0));
    });
    fast.dispose();
  });
});
