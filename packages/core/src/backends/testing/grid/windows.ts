import { activate, drawActivation, type Activation } from './activations.ts';
import { forEachIndex, positionOf, sizeOf, stridesOf } from './case.ts';
import type { GridNumbers, KernelCase, KernelGrid, KernelGrids, Reference } from './case.ts';
import type { Draw } from './draw.ts';

type Padding = 'same' | 'valid' | number | readonly (readonly [number, number])[];
type Rounding = 'floor' | 'round' | 'ceil';

interface WindowAttributes {
  readonly filterSize?: readonly number[];
  readonly filterShape?: readonly number[];
  readonly inputShape?: readonly number[];
  readonly strides: readonly number[];
  readonly dilations?: readonly number[];
  readonly pad: Padding;
  readonly dimRoundingMode?: Rounding;
  readonly includeBatchInIndex?: boolean;
}

/** Along one axis of the image. */
interface Axis {
  readonly length: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly outputs: number;
}

/** Places of the windows: TensorFlow's `same` and `valid`, numbers of zeros on both sides, or on each side. */
function axesOf(lengths: readonly number[], windows: readonly number[], attributes: WindowAttributes): Axis[] {
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  const round = (steps: number) => (dimRoundingMode === undefined ? Math.trunc(steps) : Math[dimRoundingMode](steps));
  return lengths.map((length, axis) => {
    const [window, stride, dilation] = [windows[axis]!, strides[axis]!, dilations?.[axis] ?? 1];
    const extent = (window - 1) * dilation + 1;
    if (pad === 'same') {
      const outputs = Math.ceil(length / stride);
      const missing = Math.max(0, (outputs - 1) * stride + extent - length);
      return { length, window, stride, dilation, before: Math.floor(missing / 2), outputs };
    }
    const [before, after] = pad === 'valid' ? [0, 0] : typeof pad === 'number' ? [pad, pad] : pad[axis + 1]!;
    const steps = (length + before + after - extent) / stride;
    const outputs = Math.max(0, (pad === 'valid' ? Math.floor(steps) : round(steps)) + 1);
    return { length, window, stride, dilation, before, outputs };
  });
}

/** Calls `body` for each place of a window and each of its elements that lies in the image. */
function forEachTap(axes: readonly Axis[], body: (output: number, tap: number, pixel: number) => void): void {
  const windows = axes.map(({ window }) => window);
  const pixels = stridesOf(axes.map(({ length }) => length));
  forEachIndex(
    axes.map(({ outputs }) => outputs),
    (place, output) => {
      forEachIndex(windows, (offset, tap) => {
        const at = axes.map(
          ({ stride, dilation, before }, axis) => place[axis]! * stride - before + offset[axis]! * dilation,
        );
        if (at.every((each, axis) => each >= 0 && each < axes[axis]!.length)) body(output, tap, positionOf(at, pixels));
      });
    },
  );
}

interface Options {
  readonly rank: 2 | 3;
  readonly isDepthwise?: boolean;
  readonly isPool?: boolean;
  /** Paddings by number and by side. TensorFlow.js has none of them in convolutions of three axes. */
  readonly hasNumbers?: boolean;
  readonly hasDilations?: boolean;
  readonly mayBeEmpty?: boolean;
}

interface Drawn {
  readonly image: number[];
  readonly window: number[];
  readonly attributes: WindowAttributes & Readonly<Record<string, unknown>>;
  readonly outputs: number[];
  readonly channels: number;
}

/** Geometry with at least one output in each axis. */
function drawGeometry(
  draw: Draw,
  { rank, hasNumbers = true, hasDilations = false, isDepthwise = false, mayBeEmpty = true }: Options,
): Drawn {
  for (;;) {
    const size = rank === 2 ? 9 : 5;
    const lengths = draw.list(rank, () => draw.integer(1, size));
    const isNumber = hasNumbers && draw.rarely(4);
    // TensorFlow.js places windows by their height alone where the padding is one number.
    const each = (of: () => number) => (isNumber ? Array<number>(rank).fill(of()) : draw.list(rank, of));
    const windows = each(() => draw.integer(1, rank === 2 ? 5 : 3));
    const isDilated = hasDilations && draw.rarely(3);
    const strides = each(() => (isDilated ? 1 : draw.integer(1, 4)));
    const dilations = each(() => (isDilated ? draw.integer(1, 3) : 1));
    const extents = windows.map((window, axis) => (window - 1) * dilations[axis]! + 1);
    const side = (axis: number) => draw.integer(0, Math.min(2, extents[axis]! - 1));
    const pads: Padding[] = ['same', 'same', 'valid'];
    if (hasNumbers && rank === 2)
      pads.push([
        [0, 0],
        [side(0), side(0)],
        [side(1), side(1)],
        [0, 0],
      ]);
    const pad = isNumber ? side(0) : draw.choose(pads);
    const isRounded = pad !== 'same' && pad !== 'valid';
    const batch = mayBeEmpty && draw.rarely(24) ? 0 : draw.integer(1, 2);
    const channels = draw.integer(1, 5);
    const attributes = {
      strides,
      pad,
      ...(hasDilations || isDepthwise ? { dilations } : {}),
      ...(isRounded ? { dimRoundingMode: draw.choose(['floor', 'ceil', 'round'] as const) } : {}),
      dataFormat: rank === 2 ? 'NHWC' : 'NDHWC',
    };
    const outputs = axesOf(lengths, windows, attributes).map((axis) => axis.outputs);
    // A window that is rounded up may begin beyond the image, or be larger: nothing says what it gives.
    const isInside = axesOf(lengths, windows, attributes).every(
      (axis, index) =>
        (axis.outputs - 1) * axis.stride - axis.before < axis.length &&
        (pad === 'same' || extents[index]! <= axis.length + axis.before),
    );
    if (outputs.every((count) => count > 0) && isInside)
      return { image: [batch, ...lengths, channels], window: windows, attributes, outputs, channels };
  }
}

/** Splits an image [B, ..., C]. */
function partsOf(shape: readonly number[]) {
  return { batch: shape[0]!, lengths: shape.slice(1, -1), channels: shape.at(-1)! };
}

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

const zeros = (shape: readonly number[]) => new Float64Array(sizeOf(shape));

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

function drawConvolution(draw: Draw, options: Options): { geometry: Drawn; filter: number[]; output: number[] } {
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

function convolution(options: Options): KernelGrid {
  return {
    draw: (draw) => {
      const { geometry, filter } = drawConvolution(draw, options);
      return {
        inputs: { x: draw.floats(geometry.image), filter: draw.floats(filter) },
        attributes: geometry.attributes,
      };
    },
    reference: ({ x, filter }, attributes) => convolve(x!, filter!, attributes, options.isDepthwise === true),
    weight: 8,
  };
}

function inputGradient(options: Options): KernelGrid {
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

function filterGradient(options: Options): KernelGrid {
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

function fused(options: Options): KernelGrid {
  return {
    draw: (draw) => {
      const { geometry, filter, output } = drawConvolution(draw, options);
      const channels = output.at(-1)!;
      const { attributes, inputs } = drawActivation(draw, channels);
      return {
        inputs: { x: draw.floats(geometry.image), filter: draw.floats(filter), ...inputs },
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

/** Calls `body` with the numbers of each window, their places, and the place of the result. */
function forEachWindow(
  shape: readonly number[],
  attributes: WindowAttributes,
  body: (places: readonly number[], output: number) => void,
): number[] {
  const { batch, lengths, channels } = partsOf(shape);
  const axes = axesOf(lengths, attributes.filterSize!, attributes);
  const outputs = axes.map((axis) => axis.outputs);
  const taken: number[][] = Array.from({ length: sizeOf(outputs) }, () => []);
  forEachTap(axes, (output, _, pixel) => taken[output]!.push(pixel));
  const [pixels, places] = [sizeOf(lengths), sizeOf(outputs)];
  for (let item = 0; item < batch; item++)
    for (let channel = 0; channel < channels; channel++)
      taken.forEach((list, output) => {
        body(
          list.map((pixel) => (item * pixels + pixel) * channels + channel),
          (item * places + output) * channels + channel,
        );
      });
  return [batch, ...outputs, channels];
}

function pool(
  options: Options,
  draws: (draw: Draw, geometry: Drawn) => KernelCase['inputs'],
  reference: Reference,
): KernelGrid {
  return {
    draw: (draw) => {
      const geometry = drawGeometry(draw, options);
      return {
        inputs: draws(draw, geometry),
        attributes: { ...geometry.attributes, filterSize: geometry.window, includeBatchInIndex: draw.rarely(2) },
      };
    },
    reference,
    weight: 5,
  };
}

const outputShape = ({ image, outputs, channels }: Drawn) => [image[0]!, ...outputs, channels];

/** The place of the first of the largest numbers. */
const largestOf = (values: ArrayLike<number>, places: readonly number[]): number =>
  places.reduce((best, place) => (values[place]! > values[best]! ? place : best), places[0]!);

function poolOf(options: Options, combine: (numbers: readonly number[]) => number): KernelGrid {
  return pool(
    options,
    (draw, { image }) => ({ x: draw.floats(image) }),
    ({ x }, attributes: WindowAttributes) => {
      const values: number[] = [];
      const shape = forEachWindow(x!.shape, attributes, (places, output) => {
        values[output] = combine(places.map((place) => x!.values[place]!));
      });
      return { shape, dtype: 'float32', values };
    },
  );
}

const averageOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
const mostOf = (numbers: readonly number[]) => Math.max(...numbers);

function maximumGradient(options: Options): KernelGrid {
  const grid = pool(
    options,
    (draw, geometry) => ({ dy: draw.floats(outputShape(geometry)), input: draw.distinct(geometry.image) }),
    ({ dy, input }, attributes: WindowAttributes) => {
      const values = zeros(input!.shape);
      forEachWindow(input!.shape, attributes, (places, output) => {
        values[largestOf(input!.values, places)]! += dy!.values[output]!;
      });
      return { shape: input!.shape, dtype: 'float32', values };
    },
  );
  // The kernel also gets the maxima.
  const maxima = poolOf(options, mostOf).reference!;
  return {
    ...grid,
    draw: (draw) => {
      const { inputs, attributes } = grid.draw(draw) as { inputs: Record<string, GridNumbers>; attributes: never };
      const output = maxima({ x: inputs.input! }, attributes) as GridNumbers;
      return { inputs: { ...inputs, output }, attributes };
    },
  };
}

/** Divides by the whole window, as the kernels of TensorFlow.js do; core's gradient corrects the factor at the borders. */
function averageGradient(options: Options): KernelGrid {
  return pool(
    options,
    (draw, geometry) => ({ dy: draw.floats(outputShape(geometry)), input: draw.floats(geometry.image) }),
    ({ dy, input }, attributes: WindowAttributes) => {
      const values = zeros(input!.shape);
      const share = 1 / sizeOf(attributes.filterSize!);
      forEachWindow(input!.shape, attributes, (places, output) => {
        for (const place of places) values[place]! += dy!.values[output]! * share;
      });
      return { shape: input!.shape, dtype: 'float32', values };
    },
  );
}

const flat: Options = { rank: 2 };
const deep: Options = { rank: 3 };
const flatConvolution: Options = { rank: 2, hasDilations: true };
const depthwise: Options = { rank: 2, isDepthwise: true, hasDilations: true };
const deepConvolution: Options = { rank: 3, hasNumbers: false };

export const windowKernels: KernelGrids = {
  Conv2D: convolution(flatConvolution),
  Conv2DBackpropInput: inputGradient(flat),
  Conv2DBackpropFilter: filterGradient(flat),
  FusedConv2D: fused(flatConvolution),
  DepthwiseConv2dNative: convolution(depthwise),
  DepthwiseConv2dNativeBackpropInput: inputGradient({ ...depthwise, hasDilations: false }),
  DepthwiseConv2dNativeBackpropFilter: filterGradient({ ...depthwise, hasDilations: false }),
  FusedDepthwiseConv2D: fused(depthwise),
  Conv3D: { ...convolution({ ...deepConvolution, hasDilations: true }), weight: 3 },
  Conv3DBackpropInputV2: { ...inputGradient(deepConvolution), weight: 3 },
  Conv3DBackpropFilterV2: { ...filterGradient(deepConvolution), weight: 3 },
  AvgPool: poolOf(flat, averageOf),
  AvgPoolGrad: averageGradient(flat),
  AvgPool3D: poolOf(deep, averageOf),
  AvgPool3DGrad: averageGradient(deep),
  MaxPool: poolOf(flat, mostOf),
  MaxPoolGrad: maximumGradient(flat),
  MaxPool3D: poolOf(deep, mostOf),
  MaxPool3DGrad: maximumGradient(deep),
  MaxPoolWithArgmax: pool(
    { rank: 2, hasNumbers: false },
    (draw, { image }) => ({ x: draw.distinct(image) }),
    ({ x }, attributes: WindowAttributes) => {
      const [values, places]: [number[], number[]] = [[], []];
      const perImage = sizeOf(x!.shape.slice(1));
      const shape = forEachWindow(x!.shape, attributes, (list, output) => {
        const place = largestOf(x!.values, list);
        values[output] = x!.values[place]!;
        places[output] = attributes.includeBatchInIndex === true ? place : place % perImage;
      });
      return [
        { shape, dtype: 'float32', values },
        { shape, dtype: 'int32', values: places },
      ];
    },
  ),
};
