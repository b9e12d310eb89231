import { loadImage } from '@motley/core/node';
import { NdArray } from './array.ts';
import type { Pictures } from './data.ts';

const MIDDLE = 128;

/**
 * A JPEG or PNG picture as the network's own are: of their size, black and white, what there is less of being the
 * figure. Its class is not known.
 * @throws UserError naming the file where it is no such picture
 */
export async function loadPicture(path: string, size: number): Promise<Pictures> {
  const { values } = await loadImage(path, { size: { height: size, width: size }, fit: 'stretch', channels: 1 });
  const light = values.reduce((count, value) => count + (value >= MIDDLE ? 1 : 0), 0);
  const figureIsLight = 2 * light < values.length;
  const pixels = Float32Array.from(values, (value) => (value >= MIDDLE === figureIsLight ? 1 : 0));
  return { images: new NdArray(pixels, [1, size, size, 1]), labels: Uint8Array.of(0) };
}
