import * as tf from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernels.ts';
import { createResult, forEachTap, geometryOf, type Geometry, type WindowAttributes } from './windows.ts';

/** x [B, H, W, C], filter [h, w, C] */
function dilationOf({ inputs, attrs }: KernelCall): Geometry {
  return geometryOf(inputs.x!.shape, inputs.filter!.shape.slice(0, 2), attrs as unknown as WindowAttributes);
}

/** Calls `body` with the largest sum of a pixel and an element of the filter for each result, and their places. */
function forEachMaximum(
  geometry: Geometry,
  view: (name: string) => ArrayLike<number>,
  body: (output: number, sum: number, pixel: number, tap: number) => void,
): void {
  const { batch, outputs, channels } = geometry;
  const [images, filter] = [view('x'), view('filter')];
  const count = tf.util.sizeFromShape([batch, ...outputs, channels]);
  const sums = new Float64Array(count).fill(-Infinity);
  const [pixels, taps] = [new Int32Array(count), new Int32Array(count)];
  forEachTap(geometry, (output, tap, pixel) => {
    for (let channel = 0; channel < channels; channel++) {
      const place = output * channels + channel;
      const [from, weight] = [pixel * channels + channel, tap * channels + channel];
      const sum = images[from]! + filter[weight]!;
      if (sum > sums[place]!) [sums[place], pixels[place], taps[place]] = [sum, from, weight];
    }
  });
  for (let place = 0; place < count; place++) body(place, sums[place]!, pixels[place]!, taps[place]!);
}

/** Morphological dilation: the maximum of x + filter over each window. The stock kernel has no maxima below 0. */
export function dilate(call: KernelCall): tf.TensorInfo {
  const geometry = dilationOf(call);
  return createResult(call, [geometry.batch, ...geometry.outputs, geometry.channels], (result, view) => {
    forEachMaximum(geometry, view, (output, sum) => (result[output] = sum));
  });
}

/** Adds each gradient where the maximum took its pixel. */
export function dilationInputGradient(call: KernelCall): tf.TensorInfo {
  return createResult(call, call.inputs.x!.shape, (result, view) => {
    const gradient = view('dy');
    forEachMaximum(dilationOf(call), view, (output, _, pixel) => (result[pixel]! += gradient[output]!));
  });
}

/** Adds each gradient where the maximum took its element of the filter. */
export function dilationFilterGradient(call: KernelCall): tf.TensorInfo {
  return createResult(call, call.inputs.filter!.shape, (result, view) => {
    const gradient = view('dy');
    forEachMaximum(dilationOf(call), view, (output, _, _pixel, tap) => (result[tap]! += gradient[output]!));
  });
}
