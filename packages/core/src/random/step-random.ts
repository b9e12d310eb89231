import * as tf from '@tensorflow/tfjs-core';
import { hasKernel } from '../tensors/has-kernel.ts';
import { RandomStream, shifted, type RandomTensors } from './random-stream.ts';

/** Blocks of four words per step, where numbers are drawn on the host: 2²⁶ numbers. */
const BLOCKS_PER_STEP = 2 ** 24;

/**
 * Noise of one training step. It depends only on a key, the step number and the order of the draws; drawing changes no
 * state. So a compiled step draws new numbers each time, and a resumed training draws the same ones.
 */
export class StepRandom implements RandomTensors {
  readonly #key: readonly [number, number];
  readonly #step: tf.Tensor;
  #draws = 0;
  #host: RandomStream | undefined;

  /** @param step int32 scalar */
  constructor(key: readonly [number, number], step: tf.Tensor) {
    this.#key = key;
    this.#step = step;
  }

  uniform(shape: readonly number[], low = 0, high = 1): tf.Tensor {
    const standard = this.#onDevice('StatelessRandomUniform', shape);
    return standard === undefined ? this.#onHost.uniform(shape, low, high) : shifted(standard, low, high - low);
  }

  normal(shape: readonly number[], mean = 0, standardDeviation = 1): tf.Tensor {
    const standard = this.#onDevice('StatelessRandomNormal', shape);
    if (standard === undefined) return this.#onHost.normal(shape, mean, standardDeviation);
    return shifted(standard, mean, standardDeviation);
  }

  #onDevice(kernel: string, shape: readonly number[]): tf.Tensor | undefined {
    if (!hasKernel(kernel)) return undefined;
    const attributes = { shape: [...shape], seed: [this.#key[0] | 0, this.#key[1] | 0], counter: this.#draws++ };
    const result: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(kernel, { step: this.#step }, attributes);
    return [result].flat()[0];
  }

  get #onHost(): RandomStream {
    this.#host ??= new RandomStream({ key: this.#key, position: this.#step.dataSync()[0]! * BLOCKS_PER_STEP });
    return this.#host;
  }
}
