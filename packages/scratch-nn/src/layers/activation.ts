import { largest } from '@motley/run';
import { NdArray, type Values } from '../array.ts';
import { zip } from '../elementwise.ts';
import type { Layer } from './layer.ts';

/** An elementwise function. `backward` multiplies a gradient by the derivative, which it computes from the outputs. */
interface Activation {
  readonly forward: (inputs: Values, outputs: Values) => void;
  readonly backward: (outputs: Values, gradient: Values, result: Values) => void;
}

/** Slope of leaky ReLU below 0, as in PyTorch. */
const LEAK = 0.01;

export const ACTIVATIONS = ['linear', 'relu', 'leakyRelu', 'tanh', 'sigmoid', 'softmax'] as const;
type ActivationName = (typeof ACTIVATIONS)[number];

/** max(x, 0) + leak · min(x, 0) */
const rectifier = (leak: number): Activation => ({
  forward: (x, y) => {
    for (let index = 0; index < x.length; index++) y[index] = x[index]! > 0 ? x[index]! : leak * x[index]!;
  },
  backward: (y, gradient, result) => {
    for (let index = 0; index < y.length; index++)
      result[index] = y[index]! > 0 ? gradient[index]! : leak * gradient[index]!;
  },
});

const activations: Readonly<Record<Exclude<ActivationName, 'softmax' | 'linear'>, Activation>> = {
  relu: rectifier(0),
  leakyRelu: rectifier(LEAK),
  tanh: {
    forward: (x, y) => {
      for (let index = 0; index < x.length; index++) y[index] = Math.tanh(x[index]!);
    },
    backward: (y, gradient, result) => {
      for (let index = 0; index < y.length; index++) result[index] = gradient[index]! * (1 - y[index]! ** 2);
    },
  },
  sigmoid: {
    forward: (x, y) => {
      for (let index = 0; index < x.length; index++) y[index] = 1 / (1 + Math.exp(-x[index]!));
    },
    backward: (y, gradient, result) => {
      for (let index = 0; index < y.length; index++) result[index] = gradient[index]! * y[index]! * (1 - y[index]!);
    },
  },
};

/** @returns the activation's layer; undefined for `linear`, the identity */
export function activationLayer(name: ActivationName, shape: readonly number[]): Layer | undefined {
  if (name === 'linear') return undefined;
  return name === 'softmax' ? new Softmax(shape) : new Elementwise(shape, activations[name]);
}

class Elementwise implements Layer {
  readonly outputShape: readonly number[];
  readonly parameters = [];
  readonly buffers = [];
  readonly #activation: Activation;
  #outputs: NdArray | undefined;

  constructor(shape: readonly number[], activation: Activation) {
    this.outputShape = shape;
    this.#activation = activation;
  }

  forward(inputs: NdArray): NdArray {
    const outputs = NdArray.zeros(inputs.shape, inputs.dataType);
    this.#activation.forward(inputs.contiguous(), outputs.values);
    this.#outputs = outputs;
    return outputs;
  }

  backward(outputGradient: NdArray): NdArray {
    const result = NdArray.zeros(outputGradient.shape, outputGradient.dataType);
    this.#activation.backward(this.#outputs!.values, outputGradient.contiguous(), result.values);
    return result;
  }
}

/** pᵢ = exp xᵢ / Σⱼ exp xⱼ along the last axis. */
export function softmax(inputs: NdArray): NdArray {
  const result = inputs.copy();
  const width = inputs.shape.at(-1)!;
  for (let start = 0; start < result.values.length; start += width) {
    const row = result.values.subarray(start, start + width);
    const highest = largest(row);
    let sum = 0;
    for (let index = 0; index < width; index++) sum += row[index] = Math.exp(row[index]! - highest);
    for (let index = 0; index < width; index++) row[index]! /= sum;
  }
  return result;
}

class Softmax implements Layer {
  readonly outputShape: readonly number[];
  readonly parameters = [];
  readonly buffers = [];
  #outputs: NdArray | undefined;

  constructor(shape: readonly number[]) {
    this.outputShape = shape;
  }

  forward(inputs: NdArray): NdArray {
    this.#outputs = softmax(inputs);
    return this.#outputs;
  }

  /** ∂L/∂xᵢ = pᵢ (gᵢ − Σⱼ gⱼ pⱼ), where g = ∂L/∂p. */
  backward(outputGradient: NdArray): NdArray {
    const probabilities = this.#outputs!;
    const result = zip(outputGradient, probabilities, (gradient, p) => gradient * p);
    const width = result.shape.at(-1)!;
    for (let start = 0; start < result.values.length; start += width) {
      let mean = 0;
      for (let index = start; index < start + width; index++) mean += result.values[index]!;
      for (let index = start; index < start + width; index++)
        result.values[index]! -= probabilities.values[index]! * mean;
    }
    return result;
  }
}
