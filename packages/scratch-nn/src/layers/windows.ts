import { forEachRow, NdArray } from '../array.ts';

/** Number of windows along an axis. */
export function outputSize(size: number, kernelSize: number, stride: number, padding: number): number {
  return Math.floor((size + 2 * padding - kernelSize) / stride) + 1;
}

/** Every window of pictures [B, H, W, C], as a view [B, H', W', K, K, C] in which overlapping windows share pixels. */
export function windows(images: NdArray, kernelSize: number, stride: number): NdArray {
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  const [perImage, down, right, perChannel] = images.strides as [number, number, number, number];
  const [rows, columns] = [height, width].map((size) => outputSize(size, kernelSize, stride, 0));
  return images.view(
    [batch, rows!, columns!, kernelSize, kernelSize, channels],
    [perImage, down * stride, right * stride, down, right, perChannel],
  );
}

/** Pictures [B, H, W, C] with a border of zeros; the same array where the border is 0. */
export function padded(images: NdArray, border: number): NdArray {
  if (border === 0) return images;
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  const result = NdArray.zeros([batch, height + 2 * border, width + 2 * border, channels], images.dataType);
  copyInto(images, inner(result, border, [height, width], 1));
  return result;
}

/** Removes a border: the inverse of `padded`. */
export function crop(images: NdArray, border: number): NdArray {
  const [, height, width] = images.shape as [number, number, number];
  return border === 0 ? images : inner(images, border, [height - 2 * border, width - 2 * border], 1).copy();
}

/**
 * Output gradients [B, H', W', F] with `stride - 1` zeros between pixels and a border of zeros, so that there is a
 * window of `border + 1` pixels for each of `height × width` inputs.
 */
export function dilatedAndPadded(
  gradients: NdArray,
  stride: number,
  border: number,
  { height, width }: { readonly height: number; readonly width: number },
): NdArray {
  const [batch, rows, columns, filters] = gradients.shape as [number, number, number, number];
  const result = NdArray.zeros([batch, height + border, width + border, filters], gradients.dataType);
  copyInto(gradients, inner(result, border, [rows, columns], stride));
  return result;
}

/** A view of `rows × columns` pixels inside a border, `step` pixels apart. */
function inner(images: NdArray, border: number, [rows, columns]: readonly [number, number], step: number): NdArray {
  const [batch, , , channels] = images.shape as [number, number, number, number];
  const [perImage, down, right, perChannel] = images.strides as [number, number, number, number];
  const shape = [batch, rows, columns, channels];
  return images.view(shape, [perImage, down * step, right * step, perChannel], images.offset + border * (down + right));
}

function copyInto(source: NdArray, target: NdArray): void {
  const [from, to] = [source.strides.at(-1)!, target.strides.at(-1)!];
  forEachRow(source.shape, [source.strides, target.strides], ([fromStart, toStart], count) => {
    for (let step = 0; step < count; step++)
      target.values[target.offset + toStart! + step * to] = source.values[source.offset + fromStart! + step * from]!;
  });
}
