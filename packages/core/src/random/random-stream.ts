import { RandomNumbers, stateOfSeed } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { hasKernel } from '../tensors/has-kernel.ts';

/** Source of random tensors: a stream, or the noise of one training step. */
export interface RandomTensors {
  /** Uniform float32 values in [low, high). Default [0, 1). */
  uniform(shape: readonly number[], low?: number, high?: number): tf.Tensor;
  /** Normally distributed float32 values. Default N(0, 1). */
  normal(shape: readonly number[], mean?: number, standardDeviation?: number): tf.Tensor;
}

/**
 * Stream of random numbers and tensors. Host arrays have the same bits on every backend. Tensors are drawn on the
 * device where the backend has the kernels `StatelessRandomNormal` and `StatelessRandomUniform`; their bits depend on
 * the backend.
 */
export class RandomStream extends RandomNumbers implements RandomTensors {
  /** @throws RangeError where the seed is not an integer between 0 and 2⁵³ - 1 */
  static override fromSeed(seed: number): RandomStream {
    return new RandomStream(stateOfSeed(seed));
  }

  override fork(name: string | number): RandomStream {
    return new RandomStream(this.stateOfFork(name));
  }

  /** Uniform float32 values in [low, high). */
  uniform(shape: readonly number[], low = 0, high = 1): tf.Tensor {
    const standard = this.#onDevice('StatelessRandomUniform', shape);
    if (standard === undefined) return tf.tensor(this.uniformValues(size(shape), low, high), [...shape], 'float32');
    return shifted(standard, low, high - low);
  }

  /** Normally distributed float32 values. */
  normal(shape: readonly number[], mean = 0, standardDeviation = 1): tf.Tensor {
    const standard = this.#onDevice('StatelessRandomNormal', shape);
    if (standard === undefined)
      return tf.tensor(this.normalValues(size(shape), mean, standardDeviation), [...shape], 'float32');
    return shifted(standard, mean, standardDeviation);
  }

  #onDevice(kernel: string, shape: readonly number[]): tf.Tensor | undefined {
    if (!hasKernel(kernel)) return undefined;
    const counter = this.advance(size(shape));
    const seed = [this.key[0] | 0, this.key[1] | 0];
    const result: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(kernel, {}, { shape: [...shape], seed, counter });
    return [result].flat()[0];
  }
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** `standard · scale + offset`, skipped where it changes nothing. Takes ownership of `standard`. */
export function shifted(standard: tf.Tensor, offset: number, scale: number): tf.Tensor {
  if (offset === 0 && scale === 1) return standard;
  const result = tf.tidy(() => tf.add(tf.mul(standard, scale), offset));
  standard.dispose();
  return result;
}
