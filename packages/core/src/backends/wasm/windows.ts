import * as tf from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernels.ts';
import { createOutput } from './memory.ts';

type Padding = 'valid' | 'same' | number | readonly (readonly [number, number])[];

/** Attributes of convolutions and pooling over two or three axes. One number stands for all axes. */
export interface WindowAttributes {
  readonly strides: number | readonly number[];
  readonly dilations?: number | readonly number[];
  readonly pad: Padding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterSize?: number | readonly number[];
  readonly filterShape?: readonly number[];
  readonly inputShape?: readonly number[];
  readonly includeBatchInIndex?: boolean;
}

/** Along one axis of the image: for each window the pairs of its elements and pixels, without those in the padding. */
type Axis = readonly (readonly (readonly [tap: number, pixel: number])[])[];

export interface Geometry {
  readonly batch: number;
  readonly axes: readonly Axis[];
  readonly lengths: readonly number[];
  readonly windows: readonly number[];
  readonly outputs: readonly number[];
  readonly channels: number;
}

const sizeOf = (shape: readonly number[]) => tf.util.sizeFromShape([...shape]);

/**
 * Places of the windows on an image [B, ..., C]. TensorFlow.js pads by negative numbers where a window over three axes
 * is shorter than its stride and the padding is `same`.
 */
export function geometryOf(
  image: readonly number[],
  windows: readonly number[],
  attributes: WindowAttributes,
): Geometry {
  const { strides, dilations = 1, pad, dimRoundingMode } = attributes;
  const lengths = image.slice(1, -1);
  const along = (value: number | readonly number[], axis: number) => (typeof value === 'number' ? value : value[axis]!);
  const round = (steps: number) => (dimRoundingMode === undefined ? Math.trunc(steps) : Math[dimRoundingMode](steps));
  const axes = lengths.map((length, axis): Axis => {
    const [window, stride, dilation] = [windows[axis]!, along(strides, axis), along(dilations, axis)];
    const extent = (window - 1) * dilation + 1;
    let [before, outputs] = [0, Math.ceil(length / stride)];
    if (pad === 'same') before = Math.floor(Math.max(0, (outputs - 1) * stride + extent - length) / 2);
    else {
      const [first, last] = pad === 'valid' ? [0, 0] : typeof pad === 'number' ? [pad, pad] : pad[axis + 1]!;
      before = first;
      outputs = Math.max(0, round((length + first + last - extent) / stride) + 1);
    }
    return Array.from({ length: outputs }, (_, output) =>
      Array.from(
        { length: window },
        (_unused, tap) => [tap, output * stride - before + tap * dilation] as const,
      ).filter(([, pixel]) => pixel >= 0 && pixel < length),
    );
  });
  return {
    batch: image[0]!,
    axes,
    lengths,
    windows,
    outputs: axes.map((axis) => axis.length),
    channels: image.at(-1)!,
  };
}

/** Calls `body` with each window and each of its elements in the image: their places in outputs, filter and images. */
export function forEachTap(geometry: Geometry, body: (output: number, tap: number, pixel: number) => void): void {
  const { batch } = geometry;
  const flat = geometry.axes.length === 2;
  const one: Axis = [[[0, 0]]];
  const [depth, rows, columns] = (flat ? [one, ...geometry.axes] : geometry.axes) as [Axis, Axis, Axis];
  const [height, width] = geometry.lengths.slice(-2) as [number, number];
  const [windowHeight, windowWidth] = geometry.windows.slice(-2) as [number, number];
  const pixels = sizeOf(geometry.lengths);
  let output = 0;
  for (let item = 0; item < batch; item++)
    for (const planeTaps of depth)
      for (const rowTaps of rows)
        for (const columnTaps of columns) {
          for (const [plane, z] of planeTaps)
            for (const [row, y] of rowTaps)
              for (const [column, x] of columnTaps)
                body(
                  output,
                  (plane * windowHeight + row) * windowWidth + column,
                  item * pixels + (z * height + y) * width + x,
                );
          output++;
        }
}

type Values = ArrayLike<number>;

/** A float32 result that is computed in float64. */
export function createResult(
  call: KernelCall,
  shape: readonly number[],
  compute: (result: Float64Array, view: (name: string) => Values) => void,
): tf.TensorInfo {
  return createOutput(call.backend, shape, 'float32', (output, view) => {
    const result = new Float64Array(output.length);
    compute(result, (name) => view(call.inputs[name]!));
    output.set(result);
  });
}

/** Shapes of a convolution: image [B, ..., I], filter [..., I, O]. */
function convolutionOf(image: readonly number[], filter: readonly number[], attributes: WindowAttributes) {
  const geometry = geometryOf(image, filter.slice(0, -2), attributes);
  return { geometry, from: geometry.channels, to: filter.at(-1)! };
}

/** x [B, D, H, W, I], filter [d, h, w, I, O] → [B, D', H', W', O] */
export function convolve(call: KernelCall): tf.TensorInfo {
  const { x, filter } = call.inputs as Record<'x' | 'filter', tf.TensorInfo>;
  const { geometry, from, to } = convolutionOf(x.shape, filter.shape, call.attrs as unknown as WindowAttributes);
  return createResult(call, [geometry.batch, ...geometry.outputs, to], (result, view) => {
    const [images, weights] = [view('x'), view('filter')];
    forEachTap(geometry, (output, tap, pixel) => {
      for (let source = 0; source < from; source++) {
        const value = images[pixel * from + source]!;
        const row = (tap * from + source) * to;
        for (let target = 0; target < to; target++) result[output * to + target]! += value * weights[row + target]!;
      }
    });
  });
}

/** dy [B, D', H', W', O], filter [d, h, w, I, O] → [B, D, H, W, I] */
export function convolutionInputGradient(call: KernelCall): tf.TensorInfo {
  const attributes = call.attrs as unknown as WindowAttributes;
  const inputShape = attributes.inputShape!;
  const { geometry, from, to } = convolutionOf(inputShape, call.inputs.filter!.shape, attributes);
  return createResult(call, inputShape, (result, view) => {
    const [gradient, weights] = [view('dy'), view('filter')];
    forEachTap(geometry, (output, tap, pixel) => {
      for (let source = 0; source < from; source++) {
        const row = (tap * from + source) * to;
        let total = 0;
        for (let target = 0; target < to; target++) total += gradient[output * to + target]! * weights[row + target]!;
        result[pixel * from + source]! += total;
      }
    });
  });
}

/** x [B, D, H, W, I], dy [B, D', H', W', O] → [d, h, w, I, O] */
export function convolutionFilterGradient(call: KernelCall): tf.TensorInfo {
  const attributes = call.attrs as unknown as WindowAttributes;
  const filterShape = attributes.filterShape!;
  const { geometry, from, to } = convolutionOf(call.inputs.x!.shape, filterShape, attributes);
  return createResult(call, filterShape, (result, view) => {
    const [images, gradient] = [view('x'), view('dy')];
    forEachTap(geometry, (output, tap, pixel) => {
      for (let source = 0; source < from; source++) {
        const value = images[pixel * from + source]!;
        const row = (tap * from + source) * to;
        for (let target = 0; target < to; target++) result[row + target]! += value * gradient[output * to + target]!;
      }
    });
  });
}

/** Geometry of a pooling kernel, from the shape of its images. */
function poolOf(image: readonly number[], attrs: unknown): Geometry {
  const attributes = attrs as WindowAttributes;
  const { filterSize } = attributes;
  const windows = typeof filterSize === 'number' ? image.slice(1, -1).map(() => filterSize) : filterSize!;
  return geometryOf(image, windows, attributes);
}

const resultOf = ({ batch, outputs, channels }: Geometry) => [batch, ...outputs, channels];

/** Means over the pixels of each window: [B, ..., C] → [B, ..., C]. */
export function averagePool(call: KernelCall): tf.TensorInfo {
  const geometry = poolOf(call.inputs.x!.shape, call.attrs);
  const { channels } = geometry;
  return createResult(call, resultOf(geometry), (result, view) => {
    const images = view('x');
    const counts = new Float64Array(result.length / Math.max(1, channels));
    forEachTap(geometry, (output, _, pixel) => {
      counts[output]!++;
      for (let channel = 0; channel < channels; channel++)
        result[output * channels + channel]! += images[pixel * channels + channel]!;
    });
    for (let index = 0; index < result.length; index++) result[index]! /= counts[Math.floor(index / channels)]!;
  });
}

/** Shares each gradient evenly among all elements of a window, those in the padding included, as TensorFlow.js does. */
export function averagePoolGradient(call: KernelCall): tf.TensorInfo {
  const { shape } = call.inputs.input!;
  const geometry = poolOf(shape, call.attrs);
  const { channels } = geometry;
  const share = 1 / sizeOf(geometry.windows);
  return createResult(call, shape, (result, view) => {
    const gradient = view('dy');
    forEachTap(geometry, (output, _, pixel) => {
      for (let channel = 0; channel < channels; channel++)
        result[pixel * channels + channel]! += gradient[output * channels + channel]! * share;
    });
  });
}

/** The place of the largest number of each window: the first of equal ones. */
function placesOfMaxima(geometry: Geometry, images: Values): Int32Array {
  const { channels } = geometry;
  const places = new Int32Array(sizeOf(resultOf(geometry))).fill(-1);
  forEachTap(geometry, (output, _, pixel) => {
    for (let channel = 0; channel < channels; channel++) {
      const [at, place] = [output * channels + channel, pixel * channels + channel];
      const best = places[at]!;
      const value = images[place]!;
      // NaN, which compares with nothing, is larger than all, so that it is seen.
      if (best < 0 || value > images[best]! || (Number.isNaN(value) && !Number.isNaN(images[best]!)))
        places[at] = place;
    }
  });
  return places;
}

/** Maxima of each window: [B, ..., C] → [B, ..., C]. */
export function maximumPool(call: KernelCall): tf.TensorInfo {
  const geometry = poolOf(call.inputs.x!.shape, call.attrs);
  const { channels } = geometry;
  return createResult(call, resultOf(geometry), (result, view) => {
    const images = view('x');
    result.fill(-Infinity);
    forEachTap(geometry, (output, _, pixel) => {
      const [to, from] = [output * channels, pixel * channels];
      for (let channel = 0; channel < channels; channel++)
        result[to + channel] = Math.max(result[to + channel]!, images[from + channel]!);
    });
  });
}

/** Adds each gradient where the maximum of its window was. */
export function maximumPoolGradient(call: KernelCall): tf.TensorInfo {
  const { shape } = call.inputs.input!;
  const geometry = poolOf(shape, call.attrs);
  return createResult(call, shape, (result, view) => {
    const gradient = view('dy');
    placesOfMaxima(geometry, view('input')).forEach((place, index) => (result[place]! += gradient[index]!));
  });
}

/** Maxima of each window, and where they are in their image, or in the batch. */
export function maximumPoolWithPlaces(call: KernelCall): tf.TensorInfo[] {
  const geometry = poolOf(call.inputs.x!.shape, call.attrs);
  const isInBatch = (call.attrs as unknown as WindowAttributes).includeBatchInIndex === true;
  const perImage = sizeOf(geometry.lengths) * geometry.channels;
  const places = createOutput(call.backend, resultOf(geometry), 'int32', (output, view) => {
    const found = placesOfMaxima(geometry, view(call.inputs.x!));
    output.set(isInBatch ? found : found.map((place) => place % perImage));
  });
  return [maximumPool(call), places];
}
