import {
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  type Conv2DInputs,
  pad,
  stridedSlice,
  type Tensor,
  type TensorInfo,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { type Constant, integers } from '../backend/constant.ts';
import type { Attribute } from '../c-api/attributes.ts';
import { DataType } from '../c-api/types.ts';
import { integerAttribute, stringAttribute, typeAttribute } from './attributes.ts';
import { convolvesChannelsFirst } from './channels-first.ts';
import { spread, spreadShape, thin } from './dilation.ts';
import { asTensor, define, run } from './kernel.ts';
import {
  areSame,
  areZero,
  outputSizes,
  type Padding,
  perAxis,
  reachingPaddings,
  type Rounding,
  spatialPaddings,
} from './windows.ts';

/** Order of an image's axes: batch (N), height, width, channels. */
type Layout = 'NHWC' | 'NCHW';

/** Attributes that all convolutions have. */
export interface ConvolutionAttributes {
  readonly strides: number | readonly number[];
  readonly pad: Padding;
  readonly dataFormat?: Layout;
  readonly dilations?: number | readonly number[] | null;
  readonly dimRoundingMode?: Rounding;
}

export type With<Attributes> = Attributes & Pick<ConvolutionAttributes, 'dilations' | 'dataFormat'>;

/**
 * Registers plain and depthwise convolutions and their two gradients, with every padding, rounding, dilation and data
 * format of tfjs. They run on TensorFlow's operations with channels last. Only some of TensorFlow's CPU kernels dilate
 * a depthwise filter or a gradient, so those filters are spread instead.
 */
export function registerConvolutionKernels(): void {
  for (const [forward, ofInput, ofFilter] of [
    ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
    ['DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
  ] as const) {
    /** Layout of the images for the convolution itself. */
    const layoutFor = (attributes: ConvolutionAttributes, backend: TensorFlowBackend): Layout =>
      forward === 'Conv2D' && isChannelsFirst(attributes) && convolvesChannelsFirst(backend) ? 'NCHW' : 'NHWC';
    /** Layout of the images for its gradients: those of oneDNN take no padding in numbers. */
    const gradientLayoutFor = (attributes: ConvolutionAttributes, backend: TensorFlowBackend): Layout =>
      typeof attributes.pad === 'string' ? layoutFor(attributes, backend) : 'NHWC';

    define<Conv2DInputs, Conv2DAttrs>(forward, ({ inputs: { x, filter }, attributes, backend }) => {
      if (isPlain(attributes)) return convolve(forward, plainPlacement(attributes), [x, filter], backend);
      return tidy(() => {
        if (forward !== 'Conv2D' && isDilated(attributes)) {
          const apart = spread(filter, dilationsOf(attributes));
          return run(forward, { x, filter: apart }, { ...attributes, dilations: 1 });
        }
        const layout = layoutFor(attributes, backend);
        const image = arrange(x, layoutOf(attributes), layout);
        const placement = placementOf(image.shape, filter.shape, attributes, layout);
        if (forward !== 'Conv2D' && backend.isTracing) {
          const paddings = placement.find(({ name }) => name === 'explicit_paddings')?.value as number[] | undefined;
          if (paddings !== undefined) {
            // Grappler (2.21) drops these paddings when it fuses the convolution with its bias, which ends the process.
            const padded = pad(
              image,
              [0, 2, 4, 6].map((first): [number, number] => [paddings[first]!, paddings[first + 1]!]),
            );
            const valid = { ...attributes, pad: 'valid', dataFormat: layout } as const;
            return arrange(run(forward, { x: padded, filter }, valid), layout, layoutOf(attributes));
          }
        }
        return arrange(convolve(forward, placement, [image, filter], backend), layout, layoutOf(attributes));
      });
    });
    define<Conv2DBackpropInputInputs, With<Conv2DBackpropInputAttrs>>(
      ofInput,
      ({ inputs: { dy, filter }, attributes, backend }) => {
        if (isPlain(attributes)) {
          const inputs = [integers(attributes.inputShape), filter, dy];
          return convolve(ofInput, plainPlacement(attributes), inputs, backend);
        }
        return tidy(() => {
          if (isDilated(attributes)) {
            const apart = spread(filter, dilationsOf(attributes));
            return run(ofInput, { dy, filter: apart }, { ...attributes, dilations: 1 });
          }
          const layout = gradientLayoutFor(attributes, backend);
          const gradient = arrange(dy, layoutOf(attributes), layout);
          const shape = permutation(layoutOf(attributes), layout).map((axis) => attributes.inputShape[axis]!);
          const placement = placementOf(shape, filter.shape, attributes, layout, gradient.shape);
          const inputs = [integers(shape), filter, gradient];
          return arrange(convolve(ofInput, placement, inputs, backend), layout, layoutOf(attributes));
        });
      },
    );
    define<Conv2DBackpropFilterInputs, With<Conv2DBackpropFilterAttrs>>(
      ofFilter,
      ({ inputs: { x, dy }, attributes, backend }) => {
        const { filterShape } = attributes;
        if (forward === 'Conv2D' && isStridedPoint(attributes)) {
          return tidy(() => run(ofFilter, { x: everyStride(x, attributes), dy }, { ...attributes, strides: 1 }));
        }
        if (isPlain(attributes))
          return convolve(ofFilter, plainPlacement(attributes), [x, integers(filterShape), dy], backend);
        return tidy(() => {
          if (isDilated(attributes)) {
            const dilations = dilationsOf(attributes);
            const spreadAttributes = { ...attributes, dilations: 1, filterShape: spreadShape(filterShape, dilations) };
            return thin(run(ofFilter, { x, dy }, spreadAttributes), dilations);
          }
          const layout = gradientLayoutFor(attributes, backend);
          const [image, gradient] = [
            arrange(x, layoutOf(attributes), layout),
            arrange(dy, layoutOf(attributes), layout),
          ];
          const placement = placementOf(image.shape, filterShape, attributes, layout, gradient.shape);
          return convolve(ofFilter, placement, [image, integers(filterShape), gradient], backend);
        });
      },
    );
  }
}

/**
 * Whether a filter has one pixel and strides. TensorFlow 2.21's gradient for such a filter (oneDNN) writes past its
 * memory where the strides do not divide the image evenly. Without strides, on the pixels that the filter sees, it is
 * correct.
 */
function isStridedPoint(attributes: With<Conv2DBackpropFilterAttrs>): boolean {
  const [height, width] = attributes.filterShape;
  const isUnpadded = attributes.pad === 'same' || attributes.pad === 'valid';
  return height === 1 && width === 1 && isUnpadded && perAxis(attributes.strides, 2).some((stride) => stride > 1);
}

/** The pixels of an image that a filter of one pixel sees. */
function everyStride(image: TensorInfo, attributes: With<Conv2DBackpropFilterAttrs>): Tensor {
  const first = firstSpatialAxis(layoutOf(attributes));
  const strides = image.shape.map((_, axis) => perAxis(attributes.strides, 2)[axis - first] ?? 1);
  return stridedSlice(asTensor(image), [0, 0, 0, 0], image.shape, strides);
}

/** Whether TensorFlow's operation does it as it is. */
function isPlain(attributes: ConvolutionAttributes): attributes is PlainAttributes {
  return typeof attributes.pad === 'string' && !isChannelsFirst(attributes) && !isDilated(attributes);
}

type PlainAttributes = ConvolutionAttributes & { readonly pad: 'same' | 'valid' };

function plainPlacement({ strides, pad: padding }: PlainAttributes): Attribute[] {
  return [
    integerAttribute('strides', [1, ...perAxis(strides, 2), 1]),
    integerAttribute('dilations', [1, 1, 1, 1]),
    stringAttribute('data_format', 'NHWC'),
    stringAttribute('padding', padding === 'same' ? 'SAME' : 'VALID'),
  ];
}

export function isChannelsFirst(attributes: Pick<ConvolutionAttributes, 'dataFormat'>): boolean {
  return layoutOf(attributes) === 'NCHW';
}

export function layoutOf({ dataFormat }: Pick<ConvolutionAttributes, 'dataFormat'>): Layout {
  return dataFormat ?? 'NHWC';
}

export function dilationsOf({ dilations }: ConvolutionAttributes): number[] {
  return perAxis(dilations ?? 1, 2);
}

function isDilated(attributes: ConvolutionAttributes): boolean {
  return dilationsOf(attributes).some((dilation) => dilation !== 1);
}

export function permutation(from: Layout, to: Layout): number[] {
  if (from === to) return [0, 1, 2, 3];
  return to === 'NHWC' ? [0, 2, 3, 1] : [0, 3, 1, 2];
}

export function arrange(image: TensorInfo, from: Layout, to: Layout): Tensor {
  return from === to ? asTensor(image) : transpose(asTensor(image), permutation(from, to));
}

/** The first spatial axis of an image. */
function firstSpatialAxis(layout: Layout): 1 | 2 {
  return layout === 'NHWC' ? 1 : 2;
}

/**
 * Attributes of the filter's placement: strides, padding, dilations, data format.
 *
 * @param shape shape of the input, in `layout`
 * @param filterShape [H, W, C, …]
 * @param outputShape shape of the output, in `layout`, if it is known, as in a gradient
 */
function placementOf(
  shape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvolutionAttributes,
  layout: Layout,
  outputShape?: readonly number[],
): Attribute[] {
  const spatial = <T>(values: readonly T[], other: T): T[] =>
    layout === 'NHWC' ? [other, ...values, other] : [other, other, ...values];
  const strides = perAxis(attributes.strides, 2);
  const dilations = dilationsOf(attributes);
  const placement = [
    integerAttribute('strides', spatial(strides, 1)),
    integerAttribute('dilations', spatial(dilations, 1)),
    stringAttribute('data_format', layout),
  ];
  if (attributes.pad === 'same') return [...placement, stringAttribute('padding', 'SAME')];
  const first = firstSpatialAxis(layout);
  const windows = {
    inputSizes: shape.slice(first, first + 2),
    filterSizes: filterShape.slice(0, 2),
    strides,
    dilations,
    paddings: spatialPaddings(attributes.pad, 2, firstSpatialAxis(layoutOf(attributes))),
  };
  const outputs = outputShape?.slice(first, first + 2) ?? outputSizes(windows, attributes.dimRoundingMode);
  const paddings = reachingPaddings(windows, outputs);
  if (areZero(paddings)) return [...placement, stringAttribute('padding', 'VALID')];
  if (areSame(windows, paddings, outputs)) return [...placement, stringAttribute('padding', 'SAME')];
  return [
    ...placement,
    stringAttribute('padding', 'EXPLICIT'),
    integerAttribute('explicit_paddings', spatial(paddings, [0, 0]).flat()),
  ];
}

function convolve(
  operation: string,
  placement: readonly Attribute[],
  inputs: readonly (TensorInfo | Constant)[],
  backend: TensorFlowBackend,
): Tensor {
  const type = typeAttribute('T', DataType.float32);
  return backend.executeSingleOutput(operation, [type, ...placement], inputs);
}
