import {
  atBorder,
  blank,
  checkImage,
  integerBetween,
  numberBetween,
  type Augmentation,
  type Border,
  type ImageArray,
  type Pixels,
} from './image-array.ts';

/** Swaps left and right. */
export function flipHorizontally<Values extends Pixels>(image: ImageArray<Values>): ImageArray<Values> {
  return rearranged(
    image,
    image.height,
    image.width,
    (row) => row,
    (column) => image.width - 1 - column,
    0,
  );
}

/** Swaps top and bottom. */
export function flipVertically<Values extends Pixels>(image: ImageArray<Values>): ImageArray<Values> {
  return rearranged(
    image,
    image.height,
    image.width,
    (row) => image.height - 1 - row,
    (column) => column,
    0,
  );
}

export interface CropWindow {
  /** Row and column of the window's first pixel. Negative values start outside the image. */
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Crops a window, which may extend beyond the image. */
export function cropImage<Values extends Pixels>(
  image: ImageArray<Values>,
  { top, left, height, width }: CropWindow,
  border: Border = 0,
): ImageArray<Values> {
  return rearranged(
    image,
    height,
    width,
    (row) => atBorder(row + top, image.height, border),
    (column) => atBorder(column + left, image.width, border),
    typeof border === 'number' ? border : 0,
  );
}

/** Flips an image with the given probability. Default ½. */
export function randomFlip(axis: 'horizontal' | 'vertical', probability = 0.5): Augmentation {
  const flip = axis === 'horizontal' ? flipHorizontally : flipVertically;
  return (image, random) => (numberBetween(random, 0, 1) < probability ? flip(image) : image);
}

export interface RandomCropOptions {
  readonly height: number;
  readonly width: number;
  /** Pixels added on each side before cropping. Default 0. */
  readonly padding?: number;
  /** How the padding is filled. Default 0. */
  readonly border?: Border;
}

/**
 * Crops a random window of the given size from the padded image (He et al., 2016, for CIFAR: padding 4).
 * @throws RangeError where the padded image is smaller than the window
 */
export function randomCrop({ height, width, padding = 0, border = 0 }: RandomCropOptions): Augmentation {
  return (image, random) => {
    const lastTop = image.height + padding - height;
    const lastLeft = image.width + padding - width;
    if (lastTop < -padding || lastLeft < -padding)
      throw new RangeError(
        `randomCrop: expected a picture of at least ${height} × ${width} with its padding, got ${image.height} × ${image.width} and padding ${padding}`,
      );
    const top = integerBetween(random, -padding, lastTop);
    const left = integerBetween(random, -padding, lastLeft);
    return cropImage(image, { top, left, height, width }, border);
  };
}

/**
 * Shifts an image by a random number of whole pixels, up to the given maximum in either direction. The size stays the
 * same.
 */
export function randomShift(maxRows: number, maxColumns: number, border: Border = 0): Augmentation {
  return (image, random) => {
    const top = integerBetween(random, -maxRows, maxRows);
    const left = integerBetween(random, -maxColumns, maxColumns);
    return cropImage(image, { top, left, height: image.height, width: image.width }, border);
  };
}

/**
 * Fills a square centered on a random pixel, cut at the image edges (DeVries & Taylor, 2017).
 * @param size side of the square, in pixels
 * @param fill value of the square. Default 0
 */
export function cutout(size: number, fill = 0): Augmentation {
  return (image, random) => {
    checkImage(image);
    const { height, width, channels } = image;
    const top = integerBetween(random, 0, height - 1) - Math.floor(size / 2);
    const left = integerBetween(random, 0, width - 1) - Math.floor(size / 2);
    const values = image.values.slice() as typeof image.values;
    const first = Math.max(left, 0) * channels;
    const last = Math.min(left + size, width) * channels;
    for (let row = Math.max(top, 0); row < Math.min(top + size, height); row++)
      values.fill(fill, row * width * channels + first, row * width * channels + last);
    return { ...image, values };
  };
}

/** Copies pixels by source index, where -1 stands for `fill`. */
function rearranged<Values extends Pixels>(
  image: ImageArray<Values>,
  height: number,
  width: number,
  rowOf: (row: number) => number,
  columnOf: (column: number) => number,
  fill: number,
): ImageArray<Values> {
  checkImage(image);
  const { values, channels } = image;
  const output = blank(image, height, width);
  if (fill !== 0) output.values.fill(fill);
  const columns = Int32Array.from({ length: width }, (_, column) => columnOf(column));
  for (let row = 0, target = 0; row < height; row++) {
    const sourceRow = rowOf(row);
    for (let column = 0; column < width; column++, target += channels) {
      const sourceColumn = columns[column]!;
      if (sourceRow < 0 || sourceColumn < 0) continue;
      const source = (sourceRow * image.width + sourceColumn) * channels;
      for (let channel = 0; channel < channels; channel++) output.values[target + channel] = values[source + channel]!;
    }
  }
  return output;
}
