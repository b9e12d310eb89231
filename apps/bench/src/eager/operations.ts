import * as tf from '@tensorflow/tfjs-core';
import { vaeTrainingStep } from './vae-step.ts';

/** A timed operation: `prepare` creates its inputs and returns the function to time, which must leak no tensors. */
export interface Operation {
  readonly name: string;
  readonly prepare: () => () => void;
}

const operation = (name: string, prepare: () => () => tf.Tensor | tf.Tensor[]): Operation => ({
  name,
  prepare: () => {
    const run = prepare();
    return () => {
      tf.dispose(run());
    };
  },
});

let seed = 1;
const normal = (...shape: number[]): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed++);

/**
 * Frequent operations of models, with tiny inputs (dispatch alone) and with those of a dense or convolutional VAE on MNIST.
 */
export const operations: readonly Operation[] = [
  operation('add 2×2', () => {
    const [a, b] = [normal(2, 2), normal(2, 2)];
    return () => tf.add(a, b);
  }),
  operation('add scalar, 2×2', () => {
    const a = normal(2, 2);
    return () => tf.tidy(() => tf.add(a, 1));
  }),
  operation('add bias, 128×512', () => {
    const [a, bias] = [normal(128, 512), normal(512)];
    return () => tf.add(a, bias);
  }),
  operation('mul 128×512', () => {
    const [a, b] = [normal(128, 512), normal(128, 512)];
    return () => tf.mul(a, b);
  }),
  operation('relu 2×2', () => {
    const a = normal(2, 2);
    return () => tf.relu(a);
  }),
  operation('relu 128×512', () => {
    const a = normal(128, 512);
    return () => tf.relu(a);
  }),
  operation('sigmoid 128×784', () => {
    const a = normal(128, 784);
    return () => tf.sigmoid(a);
  }),
  operation('matMul 2×2', () => {
    const [a, b] = [normal(2, 2), normal(2, 2)];
    return () => tf.matMul(a, b);
  }),
  operation('matMul 128×784×512', () => {
    const [a, b] = [normal(128, 784), normal(784, 512)];
    return () => tf.matMul(a, b);
  }),
  operation('matMul, first transposed', () => {
    const [a, b] = [normal(128, 784), normal(128, 512)];
    return () => tf.matMul(a, b, true, false);
  }),
  operation('matMul, second transposed', () => {
    const [a, b] = [normal(128, 512), normal(784, 512)];
    return () => tf.matMul(a, b, false, true);
  }),
  operation('sum 2×2', () => {
    const a = normal(2, 2);
    return () => tf.sum(a);
  }),
  operation('sum 128×784, axis 1', () => {
    const a = normal(128, 784);
    return () => tf.sum(a, 1);
  }),
  operation('mean 128×784', () => {
    const a = normal(128, 784);
    return () => tf.mean(a);
  }),
  operation('softmax 128×10', () => {
    const a = normal(128, 10);
    return () => tf.softmax(a);
  }),
  operation('argMax 128×10', () => {
    const a = normal(128, 10);
    return () => tf.argMax(a, 1);
  }),
  operation('reshape 128×784', () => {
    const a = normal(128, 784);
    return () => tf.reshape(a, [128, 28, 28, 1]);
  }),
  operation('transpose 2×2', () => {
    const a = normal(2, 2);
    return () => tf.transpose(a);
  }),
  operation('transpose 128×512', () => {
    const a = normal(128, 512);
    return () => tf.transpose(a);
  }),
  operation('concat 2 of 128×20', () => {
    const [a, b] = [normal(128, 20), normal(128, 20)];
    return () => tf.concat([a, b], 1);
  }),
  operation('slice 128×20 of 128×40', () => {
    const a = normal(128, 40);
    return () => tf.slice(a, [0, 20], [128, 20]);
  }),
  operation('gather 128 of 1000×64', () => {
    const table = normal(1000, 64);
    const indices = tf.tensor1d(
      Array.from({ length: 128 }, (_, index) => (index * 37) % 1000),
      'int32',
    );
    return () => tf.gather(table, indices);
  }),
  operation('cast 128×28 to int32', () => {
    const a = normal(128, 28);
    return () => tf.cast(a, 'int32');
  }),
  operation('conv2d 32×28×28, 1→16', () => {
    const [x, filter] = convolution();
    return () => tf.conv2d(x, filter, 1, 'same');
  }),
  operation('conv2d with gradients', () => {
    const [x, filter] = convolution();
    const gradients = tf.grads((a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same'));
    const dy = normal(32, 28, 28, 16);
    return () => gradients([x, filter], dy);
  }),
  operation('maxPool 32×28×28×16', () => {
    const x = normal(32, 28, 28, 16) as tf.Tensor4D;
    return () => tf.maxPool(x, 2, 2, 'same');
  }),
  {
    name: 'scalar arithmetic, written and read',
    prepare: () => () => {
      tf.tidy(() => void tf.div(tf.add(tf.mul(3, 4), 5), 2).dataSync());
    },
  },
  {
    name: '128×784 written, negated, read',
    prepare: () => {
      const values = Float32Array.from({ length: 128 * 784 }, (_, index) => index % 256);
      return () => {
        tf.tidy(() => void tf.neg(tf.tensor(values, [128, 784])).dataSync());
      };
    },
  },
  { name: 'VAE 784-512-20 step, batch 128, Adam', prepare: vaeTrainingStep },
];

function convolution(): [tf.Tensor4D, tf.Tensor4D] {
  return [normal(32, 28, 28, 1) as tf.Tensor4D, normal(3, 3, 1, 16) as tf.Tensor4D];
}
