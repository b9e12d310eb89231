import { NdArray } from '../array.ts';
import { multiply } from '../elementwise.ts';
import type { Layer, TrainingPass } from './layer.ts';

/**
 * Dropout (Srivastava et al., 2014): in training sets each number to 0 with probability `rate`, and scales the others
 * by 1 / (1 - rate) to keep the mean.
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

  forward(inputs: NdArray, training?: TrainingPass): NdArray {
    this.#mask = undefined;
    if (training === undefined || this.#rate === 0) return inputs;
    const kept = 1 / (1 - this.#rate);
    const draws = training.noise.uniformValues(inputs.size);
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
