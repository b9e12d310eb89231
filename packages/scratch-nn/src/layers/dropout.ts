import { NdArray } from '../array.ts';
import { multiply } from '../elementwise.ts';
import type { Layer, LearningPass } from './layer.ts';

/**
 * Drops each number with probability `rate` while the network learns, and makes the others larger, so that their mean
 * stays (Srivastava et al., "Dropout", 2014).
 */
export class Dropout implements Layer {
  readonly outputShape: readonly number[];
  readonly parameters = [];
  readonly buffers = [];
  readonly #rate: number;
  #mask: NdArray | undefined;

  constructor(inputShape: readonly number[], rate: number) {
    this.outputShape = inputShape;
    this.#rate = rate;
  }

  forward(inputs: NdArray, learning?: LearningPass): NdArray {
    this.#mask = undefined;
    if (learning === undefined || this.#rate === 0) return inputs;
    const kept = 1 / (1 - this.#rate);
    const draws = learning.noise.uniformValues(inputs.size);
    this.#mask = NdArray.from(
      draws.map((draw) => (draw < this.#rate ? 0 : kept)),
      inputs.shape,
      inputs.dataType,
    );
    return multiply(inputs, this.#mask);
  }

  backward(outputGradient: NdArray): NdArray {
    return this.#mask === undefined ? outputGradient : multiply(outputGradient, this.#mask);
  }
}
