import {
  add,
  type FusedConv2DAttrs,
  type FusedConv2DInputs,
  reshape,
  type Tensor,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core';
import { activate } from './activation.ts';
import { isChannelsFirst } from './convolution.ts';
import { asTensor, define, runInner } from './kernel.ts';

/** Registers convolutions with bias and activation. */
export function registerFusedConvolutionKernels(): void {
  for (const [fused, convolution] of [
    ['FusedConv2D', 'Conv2D'],
    ['FusedDepthwiseConv2D', 'DepthwiseConv2dNative'],
  ] as const) {
    define<FusedConv2DInputs, FusedConv2DAttrs>(fused, ({ inputs, attributes, backend }) => {
      const { x, filter, bias, preluActivationWeights } = inputs;
      const { activation, leakyreluAlpha } = attributes;
      const perChannel = (values: TensorInfo | undefined): Tensor | undefined => {
        if (values === undefined) return undefined;
        const alongChannels = isChannelsFirst(attributes) && values.shape.length === 1;
        return alongChannels ? reshape(asTensor(values), [-1, 1, 1]) : asTensor(values);
      };
      return tidy(() => {
        const y = runInner(convolution, { x, filter }, attributes, backend);
        const offset = perChannel(bias);
        const biased = offset === undefined ? y : add(y, offset);
        return activate(biased, activation, perChannel(preluActivationWeights), leakyreluAlpha);
      });
    });
  }
}
