import { activate, drawActivation, type Activation } from './activations.ts';
import type { KernelGrid, KernelGrids } from './case.ts';
import type { Draw } from './draw.ts';
import { sizeOf, type GridNumbers } from './tensor.ts';
import {
  axesOf,
  drawGeometry,
  forEachTap,
  partsOf,
  zeros,
  type Drawn,
  type WindowAttributes,
  type WindowOptions,
} from './window-geometry.ts';

type Accumulate = (image: number, filter: number, output: number) => void;

/** Calls `body` with the places in image, filter and output of every product of a convolution. */
function forEachProduct(
  image: readonly number[],
  filter: readonly number[],
  attributes: WindowAttributes,
  isDepthwise: boolean,
  body: Accumulate,
): number[] {
  const { batch, lengths, channels } = partsOf(image);
  const axes = axesOf(lengths, filter.slice(0, -2), attributes);
  const last = filter.at(-1)!;
  const outputChannels = isDepthwise ? channels * last : last;
  const [pixels, places] = [sizeOf(lengths), sizeOf(axes.map(({ outputs }) => outputs))];
  forEachTap(axes, (output, tap, pixel) => {
    for (let item = 0; item < batch; item++)
      for (let from = 0; from < channels; from++)
        for (let to = 0; to < last; to++)
          body(
            (item * pixels + pixel) * channels + from,
            (tap * channels + from) * last + to,
            (item * places + output) * outputChannels + (isDepthwise ? from * last + to : to),
          );
  });
  return [batch, ...axes.map(({ outputs }) => outputs), outputChannels];
}

function convolve(
  x: GridNumbers,
  filter: GridNumbers,
  attributes: WindowAttributes,
  isDepthwise: boolean,
): GridNumbers {
  const values: number[] = [];
  const shape = forEachProduct(x.shape, filter.shape, attributes, isDepthwise, (from, weight, to) => {
    values[to] = (values[to] ?? 0) + x.values[from]! * filter.values[weight]!;
  });
  return {
    shape,
    dtype: 'float32',
    values: Float64Array.from({ length: sizeOf(shape) }, (_, index) => values[index] ?? 0),
  };
}

function drawConvolution(draw: Draw, options: WindowOptions): { geometry: Drawn; filter: number[]; output: number[] } {
  const geometry = drawGeometry(draw, options);
  const last = options.isDepthwise === true ? draw.integer(1, 3) : draw.integer(1, 5);
  const filter = [...geometry.window, geometry.channels, last];
  const output = [
    geometry.image[0]!,
    ...geometry.outputs,
    options.isDepthwise === true ? geometry.channels * last : last,
  ];
  return { geometry, filter, output };
}

function convolution(options: WindowOptions): KernelGrid {
  return {
    draw: (draw) => {
      const { geometry, filter } = drawConvolution(draw, options);
      return {
        inputs: { x: draw.floats(geometry.image, draw.rarely(4)), filter: draw.floats(filter) },
        attributes: geometry.attributes,
      };
    },
    reference: ({ x, filter }, attributes) => convolve(x!, filter!, attributes, options.isDepthwise === true),
    weight: 8,
  };
}

function inputGradient(options: WindowOptions): KernelGrid {
  return {
    draw: (draw) => {
      const { geometry, filter, output } = drawConvolution(draw, options);
      return {
        inputs: { dy: draw.floats(output), filter: draw.floats(filter) },
        attributes: { ...geometry.attributes, inputShape: geometry.image },
      };
    },
    reference: ({ dy, filter }, attributes: WindowAttributes) => {
      const shape = attributes.inputShape!;
      const values = zeros(shape);
      forEachProduct(shape, filter!.shape, attributes, options.isDepthwise === true, (from, weight, to) => {
        values[from]! += dy!.values[to]! * filter!.values[weight]!;
      });
      return { shape, dtype: 'float32', values };
    },
    weight: 5,
  };
}

function filterGradient(options: WindowOptions): KernelGrid {
  return {
    draw: (draw) => {
      const { geometry, filter, output } = drawConvolution(draw, options);
      return {
        inputs: { x: draw.floats(geometry.image), dy: draw.floats(output) },
        attributes: { ...geometry.attributes, filterShape: filter },
      };
    },
    reference: ({ x, dy }, attributes: WindowAttributes) => {
      const shape = attributes.filterShape!;
      const values = zeros(shape);
      forEachProduct(x!.shape, shape, attributes, options.isDepthwise === true, (from, weight, to) => {
        values[weight]! += x!.values[from]! * dy!.values[to]!;
      });
      return { shape, dtype: 'float32', values };
    },
    weight: 5,
  };
}

function fused(options: WindowOptions): KernelGrid {
  return {
    draw: (draw) => {
      const { geometry, filter, output } = drawConvolution(draw, options);
      const channels = output.at(-1)!;
      const { attributes, inputs } = drawActivation(draw, channels);
      return {
        inputs: { x: draw.floats(geometry.image, draw.rarely(3)), filter: draw.floats(filter), ...inputs },
        attributes: { ...geometry.attributes, ...attributes },
      };
    },
    reference: ({ x, filter, bias, preluActivationWeights }, attributes: WindowAttributes & Activation) =>
      activate(
        convolve(x!, filter!, attributes, options.isDepthwise === true),
        bias,
        preluActivationWeights,
        attributes,
      ),
    weight: 8,
  };
}

const flatConvolution: WindowOptions = { rank: 2, hasDilations: true };
const depthwise: WindowOptions = { rank: 2, isDepthwise: true, hasDilations: true };
const deepConvolution: WindowOptions = { rank: 3, hasNumbers: false };

export const convolutionKernels: KernelGrids = {
  Conv2D: convolution(flatConvolution),
  Conv2DBackpropInput: inputGradient({ rank: 2 }),
  Conv2DBackpropFilter: filterGradient({ rank: 2 }),
  FusedConv2D: fused(flatConvolution),
  DepthwiseConv2dNative: convolution(depthwise),
  DepthwiseConv2dNativeBackpropInput: inputGradient({ ...depthwise, hasDilations: false }),
  DepthwiseConv2dNativeBackpropFilter: filterGradient({ ...depthwise, hasDilations: false }),
  FusedDepthwiseConv2D: fused(depthwise),
  Conv3D: { ...convolution({ ...deepConvolution, hasDilations: true }), weight: 3 },
  Conv3DBackpropInputV2: { ...inputGradient(deepConvolution), weight: 3 },
  Conv3DBackpropFilterV2: { ...filterGradient(deepConvolution), weight: 3 },
};
