import {
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  type Conv2DInputs,
  type Tensor,
  tensor1d,
  type TensorInfo,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { dataTypeOf } from '../backend/tensor-data.ts';
import type { Attribute } from '../c-api/attributes.ts';
import { integerAttribute, stringAttribute, typeAttribute } from './attributes.ts';
import { convolvesChannelsFirst } from './channels-first.ts';
import { gatherFilter, spreadFilter, spreadShape } from './dilation.ts';
import { asTensor, override, run } from './kernel.ts';
import {
  areZero,
  outputSizes,
  type Padding,
  perAxis,
  reachingPaddings,
  type Rounding,
  spatialPaddings,
  spatialSizes,
} from './windows.ts';

/** What the convolutions' attributes have in common. */
export interface ConvolutionAttributes {
  readonly strides: number | readonly number[];
  readonly pad: Padding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: number | readonly number[] | null;
  readonly dimRoundingMode?: Rounding;
}

type With<Attributes> = Attributes & Pick<ConvolutionAttributes, 'dilations' | 'dataFormat'>;

/**
 * Convolutions with every padding, rounding, dilation and data format of tfjs, plain and depthwise, and their two
 * gradients. TensorFlow's own operations do them once channels come last, and on every machine but for dilation: only
 * some of its CPU kernels dilate a depthwise filter or a gradient. What tfjs-node does is left to it.
 */
export function registerConvolutionKernels(): void {
  for (const [forward, ofInput, ofFilter] of [
    ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
    ['DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
  ] as const) {
    override<Conv2DInputs, Conv2DAttrs>(forward, ({ inputs, attributes, backend }, stock) => {
      if (isPlain(attributes) || isPlainChannelsFirst(forward, attributes, backend)) return stock();
      if (forward !== 'Conv2D' && isDilated(attributes)) {
        return tidy(() => {
          const filter = spreadFilter(inputs.filter, dilationsOf(attributes));
          return run(forward, { x: inputs.x, filter }, { ...attributes, dilations: 1 });
        });
      }
      return tidy(() => {
        const x = channelsLast(inputs.x, attributes);
        const geometry = geometryOf(x.shape, inputs.filter.shape, attributes);
        const y = convolve(forward, geometry, [x, inputs.filter], backend);
        return restore(y, attributes);
      });
    });
    override<Conv2DBackpropInputInputs, With<Conv2DBackpropInputAttrs>>(
      ofInput,
      ({ inputs: { dy, filter }, attributes, backend }, stock) => {
        if (isPlain(attributes) || isPlainChannelsFirst(forward, attributes, backend)) return stock();
        if (isDilated(attributes)) {
          return tidy(() => {
            const spread = spreadFilter(filter, dilationsOf(attributes));
            return run(ofInput, { dy, filter: spread }, { ...attributes, dilations: 1 });
          });
        }
        return tidy(() => {
          const last = channelsLast(dy, attributes);
          const shape = isChannelsFirst(attributes)
            ? toChannelsLast.map((axis) => attributes.inputShape[axis]!)
            : attributes.inputShape;
          const geometry = geometryOf(shape, filter.shape, attributes, spatialSizes(last));
          const dx = convolve(ofInput, geometry, [tensor1d(shape, 'int32'), filter, last], backend);
          return restore(dx, attributes);
        });
      },
    );
    override<Conv2DBackpropFilterInputs, With<Conv2DBackpropFilterAttrs>>(
      ofFilter,
      ({ inputs: { x, dy }, attributes, backend }, stock) => {
        if (isPlain(attributes) || isPlainChannelsFirst(forward, attributes, backend)) return stock();
        const { filterShape } = attributes;
        if (isDilated(attributes)) {
          const dilations = dilationsOf(attributes);
          const spreadAttributes = { ...attributes, dilations: 1, filterShape: spreadShape(filterShape, dilations) };
          return tidy(() => gatherFilter(run(ofFilter, { x, dy }, spreadAttributes), dilations));
        }
        return tidy(() => {
          const [input, gradient] = [channelsLast(x, attributes), channelsLast(dy, attributes)];
          const geometry = geometryOf(input.shape, filterShape, attributes, spatialSizes(gradient));
          return convolve(ofFilter, geometry, [input, tensor1d(filterShape, 'int32'), gradient], backend);
        });
      },
    );
  }
}

/** True where tfjs-node's kernel is right. */
export function isPlain(attributes: ConvolutionAttributes): boolean {
  return (
    (attributes.pad === 'same' || attributes.pad === 'valid') && !isChannelsFirst(attributes) && !isDilated(attributes)
  );
}

/** As `isPlain`, for channels first, which tfjs-node's depthwise kernels do not know. */
function isPlainChannelsFirst(kernel: string, attributes: ConvolutionAttributes, backend: TensorFlowBackend): boolean {
  return kernel === 'Conv2D' && isPlain({ ...attributes, dataFormat: 'NHWC' }) && convolvesChannelsFirst(backend);
}

function dilationsOf({ dilations }: ConvolutionAttributes): number[] {
  return perAxis(dilations ?? 1, 2);
}

function isDilated(attributes: ConvolutionAttributes): boolean {
  return dilationsOf(attributes).some((dilation) => dilation !== 1);
}

export function isChannelsFirst({ dataFormat }: Pick<ConvolutionAttributes, 'dataFormat'>): boolean {
  return dataFormat === 'NCHW';
}

const toChannelsLast = [0, 2, 3, 1];
const toChannelsFirst = [0, 3, 1, 2];

function channelsLast(x: TensorInfo, attributes: ConvolutionAttributes): Tensor {
  return isChannelsFirst(attributes) ? transpose(asTensor(x), toChannelsLast) : asTensor(x);
}

function restore(y: Tensor, attributes: ConvolutionAttributes): Tensor {
  return isChannelsFirst(attributes) ? transpose(y, toChannelsFirst) : y;
}

/**
 * The attributes that say where the filter goes.
 *
 * @param shape the input's, [B, H, W, C]
 * @param filterShape [H, W, C, …]
 * @param outputs the output's height and width where they are known, as they are to a gradient
 */
function geometryOf(
  shape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvolutionAttributes,
  outputs?: readonly number[],
): Attribute[] {
  const strides = perAxis(attributes.strides, 2);
  const dilations = dilationsOf(attributes);
  return [
    integerAttribute('strides', [1, ...strides, 1]),
    integerAttribute('dilations', [1, ...dilations, 1]),
    ...paddingOf(shape, filterShape, attributes, strides, dilations, outputs),
  ];
}

function paddingOf(
  shape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvolutionAttributes,
  strides: readonly number[],
  dilations: readonly number[],
  outputs: readonly number[] | undefined,
): Attribute[] {
  if (attributes.pad === 'same') return [stringAttribute('padding', 'SAME')];
  const windows = {
    inputSizes: shape.slice(1, 3),
    filterSizes: filterShape.slice(0, 2),
    strides,
    dilations,
    paddings: spatialPaddings(attributes.pad, 2, isChannelsFirst(attributes) ? 2 : 1),
  };
  const paddings = reachingPaddings(windows, outputs ?? outputSizes(windows, attributes.dimRoundingMode));
  if (areZero(paddings)) return [stringAttribute('padding', 'VALID')];
  return [
    stringAttribute('padding', 'EXPLICIT'),
    integerAttribute('explicit_paddings', [0, 0, ...paddings.flat(), 0, 0]),
  ];
}

function convolve(
  operation: string,
  geometry: readonly Attribute[],
  inputs: readonly TensorInfo[],
  backend: TensorFlowBackend,
): Tensor {
  const type = typeAttribute('T', dataTypeOf(inputs.at(-1)!.dtype));
  return backend.executeSingleOutput(operation, [type, ...geometry], inputs);
}
