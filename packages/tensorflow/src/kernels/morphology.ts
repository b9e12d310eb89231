import {
  type Dilation2DAttrs,
  type Dilation2DBackpropFilterInputs,
  type Dilation2DInputs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { operation, type Operation } from './operation.ts';
import { perAxis } from './windows.ts';

/** Registers grayscale dilation of images [N, H, W, C] by a filter [H, W, C], and its two gradients. */
export function registerMorphologyKernels(): void {
  operation<Dilation2DInputs, Dilation2DAttrs>('Dilation2D', ({ x, filter }, attributes) => ({
    inputs: [x, filter],
    ...placement(x, attributes),
  }));
  for (const name of ['Dilation2DBackpropInput', 'Dilation2DBackpropFilter'])
    operation<Dilation2DBackpropFilterInputs, Dilation2DAttrs>(name, ({ x, filter, dy }, attributes) => ({
      inputs: [x, filter, dy],
      ...placement(x, attributes),
    }));
}

function placement(
  x: TensorInfo,
  { strides, dilations, pad }: Dilation2DAttrs,
): Pick<Operation, 'types' | 'attributes'> {
  return {
    types: { T: x },
    attributes: {
      strides: [1, ...perAxis(strides, 2), 1],
      rates: [1, ...perAxis(dilations, 2), 1],
      padding: String(pad).toUpperCase(),
    },
  };
}
