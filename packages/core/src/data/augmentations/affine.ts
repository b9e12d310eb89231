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

/** Parameters of an affine transform about the image center. */
export interface AffineTransform {
  /** Counterclockwise rotation, in degrees. Default 0. */
  readonly rotationInDegrees?: number;
  /** Scale factor; above 1 enlarges. Default 1. */
  readonly scale?: number;
  /** Shear, in degrees; above 0 leans the top to the right. Default 0. */
  readonly shearInDegrees?: number;
  /** Shift to the right, in pixels. Default 0. */
  readonly right?: number;
  /** Shift downward, in pixels. Default 0. */
  readonly down?: number;
}

/**
 * Shears, scales and rotates an image about its center, then shifts it. Interpolation is bilinear. The size stays the
 * same.
 */
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

/** Inverse of rotation · scale · shear: maps output pixels to source pixels, `x` right and `y` down from the center. */
function inverseMatrix({ rotationInDegrees = 0, scale = 1, shearInDegrees = 0 }: AffineTransform) {
  const angle = (rotationInDegrees * Math.PI) / 180;
  const shear = Math.tan((shearInDegrees * Math.PI) / 180);
  const cosine = Math.cos(angle) / scale;
  const sine = Math.sin(angle) / scale;
  return [cosine + shear * sine, shear * cosine - sine, sine, cosine] as const;
}

/** Interpolates bilinearly between four pixels and writes one pixel to the target, starting at `index`. */
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
  /** Maximum rotation in either direction, in degrees. Default 0. */
  readonly maxRotationInDegrees?: number;
  readonly maxShearInDegrees?: number;
  /** Maximum shift, as a fraction of width and height. Default 0. */
  readonly maxTranslation?: number;
  /** Range of the scale factor, drawn log-uniformly. Default [1, 1]. */
  readonly scale?: readonly [number, number];
  /** How pixels beyond the edge are filled. Default 0. */
  readonly border?: Border;
}

/** Random rotation, scale, shear and shift. */
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
