import type * as tf from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernels.ts';
import { createResult } from './windows.ts';

/** For each of the resized pixels the pixel that it copies. */
function sourcesOf(size: number, resized: number, alignCorners: boolean): number[] {
  const scale = alignCorners && resized > 1 ? (size - 1) / (resized - 1) : size / resized;
  const round = alignCorners ? Math.round : Math.floor;
  return Array.from({ length: resized }, (_, index) => Math.min(size - 1, round(index * scale)));
}

/** Adds each gradient to the pixel that was copied: dy [B, H', W', C] → [B, H, W, C]. */
export function resizeNearestNeighborGradient(call: KernelCall): tf.TensorInfo {
  const { images, dy } = call.inputs as Record<'images' | 'dy', tf.TensorInfo>;
  const { alignCorners } = call.attrs as unknown as { alignCorners: boolean };
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  const rows = sourcesOf(height, dy.shape[1]!, alignCorners);
  const columns = sourcesOf(width, dy.shape[2]!, alignCorners);
  return createResult(call, images.shape, (result, view) => {
    const gradient = view('dy');
    let from = 0;
    for (let item = 0; item < batch; item++)
      for (const row of rows)
        for (const column of columns) {
          const to = ((item * height + row) * width + column) * channels;
          for (let channel = 0; channel < channels; channel++) result[to + channel]! += gradient[from++]!;
        }
  });
}
