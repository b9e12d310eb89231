import {
  atBorder,
  blank,
  checkImage,
  numberBetween,
  writable,
  type Augmentation,
  type Border,
  type ImageArray,
  type Pixels,
} from './image-array.ts';

/** Affine transform of an image about its center. */
export interface AffineTransform {
  /** Anticlockwise rotation. Default 0. */
  readonly rotationInDegrees?: number;
  /** Scale. Values above 1 enlarge. Default 1. */
  readonly scale?: number;
  /** Shear, as the lean of the top to the right. Default 0. */
  readonly shearInDegrees?: number;
  /** Pixels to the right. Default 0. */
  readonly right?: number;
  /** Pixels downward. Default 0. */
  readonly down?: number;
}

/** Shears, scales and rotates an image about its center, then shifts it. Bilinear interpolation; the size stays. */
export function affineImage<Values extends Pixels>(
  image: ImageArray<Values>,
  transform: AffineTransform,
  border: Border = 0,
): ImageArray<Values> {
  checkImage(image);
  const { height, width, channels } = image;
  const { right = 0, down = 0 } = transform;
  const [a, b, c, d] = inverseMatrix(transform);
  const centerX = (width - 1) / 2;
  const centerY = (height - 1) / 2;
  const output = blank(image, height, width);
  const target = writable(output.values);
  for (let row = 0, index = 0; row < height; row++) {
    for (let column = 0; column < width; column++, index += channels) {
      const x = column - centerX - right;
      const y = row - centerY - down;
      sample(image, centerX + a * x + b * y, centerY + c * x + d * y, border, target, index);
    }
  }
  return output;
}

/** Maps an output pixel to its source, `x` to the right and `y` down from the center: the inverse of R · S · shear. */
function inverseMatrix({ rotationInDegrees = 0, scale = 1, shearInDegrees = 0 }: AffineTransform) {
  const angle = (rotationInDegrees * Math.PI) / 180;
  const shear = Math.tan((shearInDegrees * Math.PI) / 180);
  const cosine = Math.cos(angle) / scale;
  const sine = Math.sin(angle) / scale;
  return [cosine + shear * sine, shear * cosine - sine, sine, cosine] as const;
}

/** Writes the interpolated value between four pixels to the target, from `index` on. */
function sample(
  { values, height, width, channels }: ImageArray,
  x: number,
  y: number,
  border: Border,
  target: Uint8ClampedArray | Float32Array,
  index: number,
): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const toRight = x - left;
  const toBottom = y - top;
  if (left >= 0 && top >= 0 && left + 1 < width && top + 1 < height) {
    const above = (top * width + left) * channels;
    const below = above + width * channels;
    for (let channel = 0; channel < channels; channel++) {
      const upper = values[above + channel]! * (1 - toRight) + values[above + channels + channel]! * toRight;
      const lower = values[below + channel]! * (1 - toRight) + values[below + channels + channel]! * toRight;
      target[index + channel] = upper * (1 - toBottom) + lower * toBottom;
    }
    return;
  }
  const pixel = (row: number, column: number, channel: number): number => {
    const [insideRow, insideColumn] = [atBorder(row, height, border), atBorder(column, width, border)];
    if (insideRow < 0 || insideColumn < 0) return border as number;
    return values[(insideRow * width + insideColumn) * channels + channel]!;
  };
  for (let channel = 0; channel < channels; channel++) {
    const upper = pixel(top, left, channel) * (1 - toRight) + pixel(top, left + 1, channel) * toRight;
    const lower = pixel(top + 1, left, channel) * (1 - toRight) + pixel(top + 1, left + 1, channel) * toRight;
    target[index + channel] = upper * (1 - toBottom) + lower * toBottom;
  }
}

export interface RandomAffineOptions {
  /** Maximum rotation in either direction. Default 0. */
  readonly maxRotationInDegrees?: number;
  readonly maxShearInDegrees?: number;
  /** Maximum shift, as a fraction of width and height. */
  readonly maxTranslation?: number;
  /** Range of the scale, drawn uniformly on a logarithmic scale. Default [1, 1]. */
  readonly scale?: readonly [number, number];
  /** Values beyond the edge. Default 0. */
  readonly border?: Border;
}

/** Rotates, scales, shears and shifts an image at random. */
export function randomAffine({
  maxRotationInDegrees = 0,
  maxShearInDegrees = 0,
  maxTranslation = 0,
  scale: [smallest, largest] = [1, 1],
  border = 0,
}: RandomAffineOptions): Augmentation {
  if (!(smallest > 0 && largest >= smallest))
    throw new RangeError(`randomAffine: expected a scale above 0, from small to large, got ${smallest}, ${largest}`);
  return (image, random) =>
    affineImage(
      image,
      {
        rotationInDegrees: numberBetween(random, -maxRotationInDegrees, maxRotationInDegrees),
        shearInDegrees: numberBetween(random, -maxShearInDegrees, maxShearInDegrees),
        scale: Math.exp(numberBetween(random, Math.log(smallest), Math.log(largest))),
        right: numberBetween(random, -maxTranslation, maxTranslation) * image.width,
        down: numberBetween(random, -maxTranslation, maxTranslation) * image.height,
      },
      border,
    );
}
