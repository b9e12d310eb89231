import { type Preprocessing, squareOf } from './preprocess.ts';
import type { Picture } from './resample.ts';

/** Part of a picture that a network sees: torchvision's crop of the middle, or all but an empty border. */
export type Framing = 'crop' | 'whole';

/** Largest difference of a channel from the corner's color in an empty border: lossy pictures are not quite even. */
const EVEN = 12;
const WHITE = 255;

/**
 * The square that a network sees, as bytes [size, size, 3].
 * @param framing `whole` takes the border away that has the color of the first corner, and puts the rest into the middle
 *   of a white square, so large that the crop leaves all of it
 */
export function frame(picture: Picture, preprocessing: Preprocessing, framing: Framing): Picture {
  if (framing === 'crop') return squareOf(picture, preprocessing);
  return squareOf(onWhiteSquare(picture, preprocessing.resizeSize / preprocessing.cropSize), preprocessing);
}

/** @param enlargement side of the square, in longer sides of what is in it */
function onWhiteSquare(picture: Picture, enlargement: number): Picture {
  const { top, left, height, width } = contentOf(picture);
  const side = Math.max(1, Math.round(enlargement * Math.max(height, width)));
  const values = new Uint8Array(side * side * 3).fill(WHITE);
  const [firstRow, firstColumn] = [Math.floor((side - height) / 2), Math.floor((side - width) / 2)];
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * picture.width + left) * 3;
    const to = ((firstRow + row) * side + firstColumn) * 3;
    values.set(picture.values.subarray(from, from + 3 * width), to);
  }
  return { values, height: side, width: side };
}

interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The smallest box around all that differs from the first corner, or the whole of an even picture. */
function contentOf({ values, height, width }: Picture): Box {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 3;
      const differs =
        Math.abs(values[at]! - values[0]!) > EVEN ||
        Math.abs(values[at + 1]! - values[1]!) > EVEN ||
        Math.abs(values[at + 2]! - values[2]!) > EVEN;
      if (!differs) continue;
      top = Math.min(top, row);
      bottom = row;
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
  if (bottom < 0) return { top: 0, left: 0, height, width };
  return { top, left, height: bottom - top + 1, width: right - left + 1 };
}
