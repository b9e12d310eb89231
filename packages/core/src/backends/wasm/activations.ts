import * as tf from '@tensorflow/tfjs-core';
import { asTensor } from '../kernels.ts';

/** Activation of a fused kernel. */
export interface ActivationAttributes {
  readonly activation: 'linear' | 'relu' | 'relu6' | 'elu' | 'sigmoid' | 'leakyrelu' | 'prelu';
  readonly leakyreluAlpha?: number;
}

/** Applies the activation of a fused kernel. */
export function activate(
  x: tf.Tensor,
  { activation, leakyreluAlpha }: ActivationAttributes,
  slopes: tf.Tensor | undefined,
): tf.Tensor {
  const activations: Readonly<Record<ActivationAttributes['activation'], () => tf.Tensor>> = {
    linear: () => x,
    relu: () => tf.relu(x),
    relu6: () => tf.relu6(x),
    elu: () => tf.elu(x),
    sigmoid: () => tf.sigmoid(x),
    leakyrelu: () => tf.leakyRelu(x, leakyreluAlpha),
    prelu: () => tf.prelu(x, slopes!),
  };
  return activations[activation]();
}

/** Applies some activations after the convolution: in the stock kernel they turn NaN into numbers. */
export function withOwnActivation(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const attributes = call.attrs as unknown as ActivationAttributes;
    if (!['relu', 'relu6', 'leakyrelu'].includes(attributes.activation)) return stock(call);
    return tf.tidy(() => {
      const linear = stock({ ...call, attrs: { ...call.attrs, activation: 'linear' } });
      return activate(asTensor(linear), attributes, undefined);
    });
  };
}
