import { type NdArray, sizeOf } from '../array.ts';
import type { Layer } from './layer.ts';

/** Flattens each example: [B, ...] → [B, N]. */
export class Flatten implements Layer {
  readonly outputShape: readonly number[];
  readonly parameters = [];
  readonly buffers = [];
  #shape: readonly number[] = [];

  constructor(inputShape: readonly number[]) {
    this.outputShape = [sizeOf(inputShape)];
  }

  forward(inputs: NdArray): NdArray {
    this.#shape = inputs.shape;
    return inputs.reshape([inputs.shape[0]!, ...this.outputShape]);
  }

  backward(outputGradient: NdArray): NdArray {
    return outputGradient.reshape(this.#shape);
  }
}
