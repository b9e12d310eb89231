import { loadImage } from '@motley/run/node';
import { NdArray } from './array.ts';
import type { Pictures } from './data.ts';

const THRESHOLD = 128;

/**
 * Reads a JPEG or PNG picture and makes it like the training pictures: scaled to `size × size` pixels, 0 or 1. The
 * rarer of dark and light becomes the figure. Its class is unknown; its label is 0.
 * @throws UserError naming the file where it is not such a picture
 */
export async function loadPicture(path: string, size: number): Promise<Pictures> {
  const { values } = await loadImage(path, { size: { height: size, width: size }, fit: 'stretch', channels: 1 });
  const light = values.reduce((count, value) => count + (value >= THRESHOLD ? 1 : 0), 0);
  const figureIsLight = 2 * light < values.length;
  const pixels = Float32Array.from(values, (value) => (value >= THRESHOLD === figureIsLight ? 1 : 0));
  return { images: new NdArray(pixels, [1, size, size, 1]), labels: Uint8Array.of(0) };
}
