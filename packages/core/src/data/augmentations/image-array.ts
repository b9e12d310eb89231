import type { RandomNumbers } from '@motley/run';

/** Pixel values: bytes from 0 to 255, or floats from 0 to 1. */
export type Pixels = Uint8Array | Float32Array;

/** Image [height, width, channels], row-major. */
export interface ImageArray<Values extends Pixels = Pixels> {
  readonly values: Values;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Random image transform: a pure function of the image and the stream.
 *
 * Augmentations work on the typed array of one example instead of a batch of tensors, so that they run in the loading
 * workers, in parallel to training. Every example has its own draws, with the same bits on every backend and in the
 * browser. `Dataset.map(augmentation, random)` takes an augmentation as it is.
 */
export type Augmentation = <Values extends Pixels>(
  image: ImageArray<Values>,
  random: RandomNumbers,
) => ImageArray<Values>;

/** Applies augmentations one after the other. */
export function composeAugmentations(...augmentations: readonly Augmentation[]): Augmentation {
  return (image, random) => augmentations.reduce((result, augmentation) => augmentation(result, random), image);
}

/**
 * How pixels beyond the edge are filled: with a constant in every channel, the nearest pixel, or the reflected image.
 */
export type Border = number | 'edge' | 'reflect';

/** Black image of the same value type. */
export function blank<Values extends Pixels>(
  { values, channels }: ImageArray<Values>,
  height: number,
  width: number,
): ImageArray<Values> {
  const size = height * width * channels;
  const black: Pixels = values instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);
  return { values: black as Values, height, width, channels };
}

/** Value of white: 255 for bytes, 1 for floats. */
export function white({ values }: ImageArray): number {
  return values instanceof Uint8Array ? 255 : 1;
}

/** Writable view of the pixels. Writes to bytes are rounded and clipped to [0, 255]. */
export function writable(values: Pixels): Uint8ClampedArray | Float32Array {
  if (values instanceof Float32Array) return values;
  return new Uint8ClampedArray(values.buffer, values.byteOffset, values.length);
}

/** Source index for `position` in a row or column of `length` pixels; -1 where a constant border applies. */
export function atBorder(position: number, length: number, border: Border): number {
  if (position >= 0 && position < length) return position;
  if (typeof border === 'number') return -1;
  if (border === 'edge' || length === 1) return position < 0 ? 0 : length - 1;
  const period = 2 * (length - 1);
  const folded = ((position % period) + period) % period;
  return folded < length ? folded : period - folded;
}

/** Uniform integer in [low, high]. */
export function integerBetween(random: RandomNumbers, low: number, high: number): number {
  return random.integers(1, low, high + 1)[0]!;
}

/** Uniform number in [low, high). */
export function numberBetween(random: RandomNumbers, low: number, high: number): number {
  return random.uniformValues(1, low, high)[0]!;
}

/** @throws RangeError where the number of values does not match the shape */
export function checkImage({ values, height, width, channels }: ImageArray): void {
  if (values.length !== height * width * channels)
    throw new RangeError(
      `augmentation: expected ${height * width * channels} values for a picture [${height}, ${width}, ${channels}], got ${values.length}`,
    );
}
