import { backend_util, type TensorInfo, zeros } from '@tensorflow/tfjs-core';
import { override } from './kernel.ts';

type Images = Readonly<Record<'x' | 'filter', TensorInfo>>;
type Gradients = Readonly<Record<'dy', TensorInfo>>;

/** Attributes of convolutions and their gradients, those of `Conv2D` and `Conv3D` alike. */
interface Attributes {
  readonly strides: number | [number, number];
  readonly dilations?: number | [number, number];
  readonly pad: 'same' | 'valid' | number | backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW' | 'NDHWC' | 'NCDHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly inputShape?: number[];
  readonly filterShape?: number[];
}

type Shape4 = [number, number, number, number];
type Shape5 = [number, number, number, number, number];

/**
 * Registers the empty results of convolutions of no examples, and their gradients, which are 0. TensorFlow's kernels
 * (oneDNN) return such results in the shape of the input. Call it after all other kernels of convolutions.
 */
export function registerConvolutionsOfNothing(): void {
  for (const name of ['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D', 'Conv3D'])
    override<Images, Attributes>(name, ({ inputs: { x, filter }, attributes }, stock) =>
      x.shape[0] === 0 ? zeros(outputShape(name, x.shape, filter.shape, attributes)) : stock(),
    );
  for (const name of ['Conv2DBackpropInput', 'DepthwiseConv2dNativeBackpropInput', 'Conv3DBackpropInputV2'])
    override<Gradients, Attributes>(name, ({ inputs: { dy }, attributes: { inputShape } }, stock) =>
      dy.shape[0] === 0 ? zeros(inputShape!) : stock(),
    );
  for (const name of ['Conv2DBackpropFilter', 'DepthwiseConv2dNativeBackpropFilter', 'Conv3DBackpropFilterV2'])
    override<Gradients, Attributes>(name, ({ inputs: { dy }, attributes: { filterShape } }, stock) =>
      dy.shape[0] === 0 ? zeros(filterShape!) : stock(),
    );
}

function outputShape(name: string, x: number[], filter: number[], attributes: Attributes): number[] {
  const { strides, dilations = 1, pad, dataFormat = 'NHWC', dimRoundingMode } = attributes;
  if (name === 'Conv3D')
    return backend_util.computeConv3DInfo(
      x as Shape5,
      filter as Shape5,
      strides as number,
      dilations as number,
      pad as 'same',
      false,
      dataFormat === 'NCDHW' ? 'channelsFirst' : 'channelsLast',
    ).outShape;
  return backend_util.computeConv2DInfo(
    x as Shape4,
    filter as Shape4,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    name.includes('Depthwise'),
    dataFormat === 'NCHW' ? 'channelsFirst' : 'channelsLast',
  ).outShape;
}
