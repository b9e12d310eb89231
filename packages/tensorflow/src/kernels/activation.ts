import { elu, leakyRelu, prelu, relu, relu6, sigmoid, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Applies the activation of a fused kernel: tfjs's `fused.Activation`.
 *
 * @param slopes for `prelu`
 * @param alpha slope for negative numbers of `leakyrelu`
 */
export function activate(x: Tensor, activation?: string, slopes?: Tensor, alpha?: number): Tensor {
  switch (activation ?? 'linear') {
    case 'linear':
      return x;
    case 'relu':
      return relu(x);
    case 'relu6':
      return relu6(x);
    case 'elu':
      return elu(x);
    case 'sigmoid':
      return sigmoid(x);
    case 'leakyrelu':
      return leakyRelu(x, alpha);
    case 'prelu':
      return prelu(x, slopes!);
    default:
      throw new TypeError(`no activation ${activation}`);
  }
}
