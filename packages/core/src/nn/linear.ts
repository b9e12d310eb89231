import * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random-stream.ts';
import { kaimingUniform, type Initializer } from './initializers.ts';
import { Module, type Layer } from './module.ts';
import { parameter } from './parameter.ts';

/** Options of layers with a weight and a bias. */
export interface WeightOptions {
  /** Draws the initial values. */
  readonly random: RandomStream;
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
  /** Default: as in PyTorch. */
  readonly weightInitializer?: Initializer;
}

/** Linear layer y = x Wᵀ + b, with W stored [outputs, inputs] as in PyTorch's `Linear`. */
export class Linear extends Module implements Layer {
  readonly weight: tf.Variable;
  readonly bias: tf.Variable | undefined;

  constructor(
    inputs: number,
    outputs: number,
    { random, bias = true, weightInitializer = kaimingUniform }: WeightOptions,
  ) {
    super();
    const fans = { fanIn: inputs, fanOut: outputs };
    this.weight = parameter(weightInitializer([outputs, inputs], fans, random));
    this.bias = bias ? parameter(kaimingUniform([outputs], fans, random)) : undefined;
  }

  /** [..., inputs] → [..., outputs], float32. */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      // One matrix product is faster than a batch of products.
      const rows = input.rank === 2 ? input : tf.reshape(input, [-1, input.shape.at(-1)!]);
      const product = tf.matMul(rows, this.weight, false, true);
      const output = this.bias === undefined ? product : tf.add(product, this.bias);
      return input.rank === 2 ? output : tf.reshape(output, [...input.shape.slice(0, -1), output.shape[1]!]);
    });
  }
}
