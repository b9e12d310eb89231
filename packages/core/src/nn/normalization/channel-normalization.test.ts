import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { RandomStream } from '../../random/random-stream.ts';
import { describeNative } from '../../testing/native.ts';
import { startBackend } from '../testing.ts';
import { batchNorm, standardizeWeight } from './channel-normalization.ts';

/** Large enough for the fused kernels. */
const shape = [1, 9, 512, 64];
const size = tf.util.sizeFromShape(shape);

/** Values, statistics and gradients on the current backend, read to the host. */
function results(): Float32Array[] {
  return tf.tidy(() => {
    const random = RandomStream.fromSeed(5);
    const normal = (...of: number[]) => tf.tensor(random.normalValues(tf.util.sizeFromShape(of)), of);
    const [x, scale, shift, along] = [normal(...shape), normal(64), normal(64), normal(...shape)];
    const told: Float32Array[] = [];
    const normalized = batchNorm(x, { scale, shift }, 1e-5, (...statistics) => {
      for (const each of statistics) told.push(each.dataSync<'float32'>());
    });
    const [byX, byScale, byShift] = tf.grads((...[input, ...affine]) =>
      tf.sum(tf.mul(batchNorm(input!, { scale: affine[0]!, shift: affine[1]! }), along)),
    )([x, scale, shift]);
    const byWeight = tf.grad((weight) => tf.sum(tf.mul(standardizeWeight(weight), along)))(x);
    const all = [normalized, byX!, byScale!, byShift!, standardizeWeight(x), byWeight];
    return [...told, ...all.map((tensor) => tensor.dataSync<'float32'>())];
  });
}

describeNative('large channels', () => {
  it('get the same results from fused kernels as from composed operations, and leak no tensors', async () => {
    expect(size).toBeGreaterThanOrEqual(2 ** 18);
    await startBackend('cpu');
    const composed = results();
    await startBackend('tensorflow');
    const before = tf.memory().numTensors;
    const fused = results();
    expect(tf.memory().numTensors).toBe(before);
    for (const [index, expected] of composed.entries()) {
      const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      const error = expected.reduce((worst, value, at) => Math.max(worst, Math.abs(value - fused[index]![at]!)), 0);
      expect(error).toBeLessThan(1e-5 * scale);
    }
  });
});
