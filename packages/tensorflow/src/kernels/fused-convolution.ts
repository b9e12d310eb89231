import {
  add,
  type FusedConv2DAttrs,
  type FusedConv2DInputs,
  reshape,
  type Tensor,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core';
import { isChannelsFirst, isPlain } from './convolution.ts';
import { asTensor, override, run } from './kernel.ts';
import { hasUnevenStrides } from './uneven-strides.ts';

/** Registers convolutions with bias and activation, for convolutions that tfjs-node does not compute. */
export function registerFusedConvolutionKernels(): void {
  for (const [fused, convolution] of [
    ['FusedConv2D', 'Conv2D'],
    ['FusedDepthwiseConv2D', 'DepthwiseConv2dNative'],
  ] as const) {
    override<FusedConv2DInputs, FusedConv2DAttrs>(fused, ({ inputs, attributes, backend }, stock) => {
      if (isPlain(attributes) && !(fused === 'FusedDepthwiseConv2D' && hasUnevenStrides(attributes))) return stock();
      const { x, filter, bias, preluActivationWeights } = inputs;
      const { activation, leakyreluAlpha } = attributes;
      const perChannel = (values: TensorInfo | undefined): Tensor | undefined => {
        if (values === undefined) return undefined;
        const alongChannels = isChannelsFirst(attributes) && values.shape.length === 1;
        return alongChannels ? reshape(asTensor(values), [-1, 1, 1]) : asTensor(values);
      };
      return tidy(() => {
        const y = run(convolution, { x, filter }, attributes);
        const offset = perChannel(bias);
        const biased = offset === undefined ? y : add(y, offset);
        return backend.applyActivation(biased, activation, perChannel(preluActivationWeights), leakyreluAlpha);
      });
    });
  }
}
