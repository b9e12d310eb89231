import {
  blank,
  checkImage,
  numberBetween,
  white,
  writable,
  type Augmentation,
  type ImageArray,
  type Pixels,
} from './image-array.ts';

/** Luma weights of red, green and blue (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

/** Multiplies all color values by `factor`: above 1 brightens, below 1 darkens. */
export function adjustBrightness<Values extends Pixels>(image: ImageArray<Values>, factor: number): ImageArray<Values> {
  return mapped(image, (value) => value * factor);
}

/** Scales the difference from the image's mean gray: a factor above 1 increases contrast. */
export function adjustContrast<Values extends Pixels>(image: ImageArray<Values>, factor: number): ImageArray<Values> {
  const pixelCount = image.height * image.width;
  let sum = 0;
  for (let pixel = 0; pixel < pixelCount; pixel++) sum += gray(image, pixel * image.channels);
  const mean = sum / pixelCount;
  return mapped(image, (value) => mean + (value - mean) * factor);
}

/** Scales the difference from each pixel's gray: a factor above 1 increases saturation. Gray images do not change. */
export function adjustSaturation<Values extends Pixels>(image: ImageArray<Values>, factor: number): ImageArray<Values> {
  if (!isColor(image)) return image;
  return mapped(image, (value, base) => {
    const level = gray(image, base);
    return level + (value - level) * factor;
  });
}

/** Rotates the hue by `turn`, a fraction of the color circle. Gray images do not change. */
export function adjustHue<Values extends Pixels>(image: ImageArray<Values>, turn: number): ImageArray<Values> {
  if (!isColor(image)) return image;
  return mapped(image, (_, base, channel) => turned(image.values, base, channel, turn));
}

export interface ColorJitterOptions {
  /** Maximum change x: the factor lies between 1 - x and 1 + x. Default 0, no change. */
  readonly brightness?: number;
  readonly contrast?: number;
  readonly saturation?: number;
  /** Maximum hue rotation x: it lies between -x and x turns, so ½ covers the whole circle. Default 0. */
  readonly hue?: number;
}

/**
 * Changes brightness, contrast, saturation and hue at random and in random order (Krizhevsky et al., 2012;
 * torchvision's `ColorJitter`). In images with four channels the last one, opacity, does not change.
 */
export function colorJitter({
  brightness = 0,
  contrast = 0,
  saturation = 0,
  hue = 0,
}: ColorJitterOptions): Augmentation {
  const adjustments = [
    { adjust: adjustBrightness, low: Math.max(0, 1 - brightness), high: 1 + brightness },
    { adjust: adjustContrast, low: Math.max(0, 1 - contrast), high: 1 + contrast },
    { adjust: adjustSaturation, low: Math.max(0, 1 - saturation), high: 1 + saturation },
    { adjust: adjustHue, low: -hue, high: hue },
  ].filter(({ low, high }) => high > low);
  return (image, random) =>
    random
      .shuffle([...adjustments])
      .reduce((result, { adjust, low, high }) => adjust(result, numberBetween(random, low, high)), image);
}

const isColor = ({ channels }: ImageArray): boolean => channels >= 3;

/**
 * Applies `step` to every value of the color channels and clips the result to the value range. `base` is the index of
 * the pixel's first value.
 */
function mapped<Values extends Pixels>(
  image: ImageArray<Values>,
  step: (value: number, base: number, channel: number) => number,
): ImageArray<Values> {
  checkImage(image);
  const { values, channels } = image;
  const largest = white(image);
  const colors = isColor(image) ? 3 : 1;
  const output = blank(image, image.height, image.width);
  const target = writable(output.values);
  for (let base = 0; base < values.length; base += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const value = values[base + channel]!;
      const changed = channel < colors ? step(value, base, channel) : value;
      target[base + channel] = Math.min(Math.max(changed, 0), largest);
    }
  }
  return output;
}

function gray(image: ImageArray, base: number): number {
  const { values } = image;
  if (!isColor(image)) return values[base]!;
  return LUMA[0] * values[base]! + LUMA[1] * values[base + 1]! + LUMA[2] * values[base + 2]!;
}

/**
 * One channel of a pixel after a hue rotation. In HSV a channel is `v - c · max(0, min(k, 4 - k, 1))` with `k = (n + 6
 * h) mod 6` and n = 5, 3, 1 for red, green, blue.
 */
function turned(values: Pixels, base: number, channel: number, turn: number): number {
  const [red, green, blue] = [values[base]!, values[base + 1]!, values[base + 2]!];
  const largest = Math.max(red, green, blue);
  const chroma = largest - Math.min(red, green, blue);
  if (chroma === 0) return largest;
  const sextant =
    largest === red
      ? (green - blue) / chroma
      : largest === green
        ? 2 + (blue - red) / chroma
        : 4 + (red - green) / chroma;
  const k = (((5 - 2 * channel + sextant + 6 * turn) % 6) + 6) % 6;
  return largest - chroma * Math.max(0, Math.min(k, 4 - k, 1));
}
