import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';

describeNative('cross-entropy kernels', () => {
  beforeAll(async () => {
    await register();
  });

  const run = (kernel: string, inputs: tf.NamedTensorMap): number[][] =>
    tf.tidy(() => {
      const results: tf.Tensor[] = tf.engine().runKernel(kernel, inputs, {});
      expect(results.map(({ shape }) => shape)).toEqual([[2], [2, 3]]);
      return results.map((result) => Array.from(result.dataSync<'float32'>()));
    });

  /** Losses and gradients in double precision, row by row. */
  const expected = (logits: number[][], targets: number[][]): number[][] => {
    const rows = logits.map((row, index) => {
      const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
      const target = targets[index]!;
      const loss = row.reduce((total, logit, column) => total - target[column]! * Math.log(Math.exp(logit) / sum), 0);
      return { loss, gradient: row.map((logit, column) => Math.exp(logit) / sum - target[column]!) };
    });
    return [rows.map(({ loss }) => loss), rows.flatMap(({ gradient }) => gradient)];
  };

  const logits = [
    [0.5, -1, 2],
    [1, 3, -0.25],
  ];

  const expectClose = (found: number[][], wanted: number[][]) => {
    const differences = wanted.flatMap((values, row) =>
      values.map((value, index) => Math.abs(value - found[row]![index]!)),
    );
    expect(differences.every((difference) => difference < 1e-6)).toBe(true);
  };

  it('compute losses and gradients of integer labels and of distributions, and leak nothing', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const labels = tf.tensor1d([2, 0], 'int32');
      const hard = [
        [0, 0, 1],
        [1, 0, 0],
      ];
      const soft = [
        [0.2, 0.1, 0.7],
        [0.3, 0.3, 0.4],
      ];
      expectClose(run('SparseSoftmaxCrossEntropy', { logits: tf.tensor2d(logits), labels }), expected(logits, hard));
      const targets = tf.tensor2d(soft);
      expectClose(run('SoftmaxCrossEntropy', { logits: tf.tensor2d(logits), targets }), expected(logits, soft));
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuse and name a label that is not a class', () => {
    tf.tidy(() => {
      const labels = tf.tensor1d([2, 3], 'int32');
      expect(() => run('SparseSoftmaxCrossEntropy', { logits: tf.tensor2d(logits), labels })).toThrow(
        /label value of 3/,
      );
    });
  });
});
