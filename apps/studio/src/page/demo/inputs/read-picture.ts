import type { DemoPicture } from '@motley/core/demo';
import { pictureSize } from './picture-size.ts';

const MAX_BYTES = 64 * 2 ** 20;

/**
 * Decodes a file as RGB, on white where it is transparent.
 * @throws Error in one line where it is no picture, damaged or too large
 */
export async function readPicture(file: Blob, maxPixels: number): Promise<DemoPicture> {
  if (file.size > MAX_BYTES) throw new Error(`picture: expected at most 64 MiB, got ${file.size} bytes`);
  const size = pictureSize(new Uint8Array(await file.arrayBuffer()));
  if (size === undefined) throw new Error('picture: expected PNG, JPEG, GIF, WebP or BMP, got another file');
  if (size.width * size.height > maxPixels)
    throw new Error(`picture: expected at most ${maxPixels} pixels, got ${size.width} × ${size.height}`);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error('picture: expected a whole file, got a damaged one');
  });
  try {
    return pictureOf(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

/** Picture that a source shows now, such as the camera. */
export function pictureOf(source: CanvasImageSource, width: number, height: number): DemoPicture {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0);
  const { data: rgba } = context.getImageData(0, 0, width, height);
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    data[to++] = rgba[from]!;
    data[to++] = rgba[from + 1]!;
    data[to++] = rgba[from + 2]!;
  }
  return { width, height, data };
}
