import type { RandomNumbers } from '@motley/run';
import { cover } from '../coverage.ts';
import { BACKGROUND_DRAWS, BACKGROUND_NAMES, mixBackground, type BackgroundName } from './background.ts';
import { formOf, SHAPE_NAMES, type ShapeName } from './forms.ts';

export interface ShapeOptions {
  /** Side of the square image, in pixels. Default 64. */
  readonly imageSize?: number;
  /** Range of the diameter, as a fraction of the image side. Default [0.3, 0.9]. */
  readonly diameters?: readonly [smallest: number, largest: number];
  /** Range of the stroke thickness, as a fraction of the diameter; at least 1.5 pixels. Default [0.07, 0.18]. */
  readonly thicknesses?: readonly [smallest: number, largest: number];
  /** Minimum contrast, from 0 to 0.8. Default 0.3. */
  readonly minContrast?: number;
  /** Maximum standard deviation of the pixel noise, as a fraction of white. Default 0.1. */
  readonly maxNoise?: number;
}

/** Image of one shape, with the parameters that it was drawn from. */
export interface Shape {
  /** RGB [imageSize, imageSize, 3], 0 to 255. */
  readonly image: Uint8Array;
  /** Class: index of the name in `SHAPE_NAMES`. */
  readonly label: number;
  readonly name: ShapeName;
  /** Diameter in pixels. */
  readonly size: number;
  /** Thickness of strokes and outlines, in pixels. */
  readonly thickness: number;
  /** Whether the area is filled instead of outlined. False for shapes made of strokes. */
  readonly isFilled: boolean;
  /** Clockwise rotation, in radians. */
  readonly rotation: number;
  /** Center, in pixels from the left and top edges. */
  readonly center: readonly [x: number, y: number];
  /** Distance from the shape's color to the nearest background color: Euclidean, in RGB from 0 to 1, divided by √3. */
  readonly contrast: number;
  /** Standard deviation of the pixel noise, as a fraction of white. */
  readonly noise: number;
  readonly background: BackgroundName;
}

type Color = readonly [red: number, green: number, blue: number];

/** Attempts to draw a color with enough contrast. */
const COLOR_TRIES = 12;
/** Random words besides those of colors and background. */
const OTHER_DRAWS = 10;
const THINNEST_IN_PIXELS = 1.5;

/**
 * Draws an anti-aliased random shape, entirely inside the image, on a random background, then adds Gaussian noise to
 * every pixel and channel. Class, kind of background and fill are uniform. Size, thickness, noise, rotation and
 * position are uniform in their ranges. Colors are uniform among those with sufficient contrast.
 * @throws RangeError where a range is invalid
 */
export function drawShape(random: RandomNumbers, options: ShapeOptions = {}): Shape {
  const {
    imageSize = 64,
    diameters = [0.3, 0.9],
    thicknesses = [0.07, 0.18],
    minContrast = 0.3,
    maxNoise = 0.1,
  } = options;
  checkOptions(imageSize, diameters, thicknesses, minContrast, maxNoise);
  const draws = new Draws(random.words(OTHER_DRAWS + BACKGROUND_DRAWS + 3 * (2 + COLOR_TRIES)));
  const label = Math.floor(draws.between(0, SHAPE_NAMES.length));
  const name = SHAPE_NAMES[label]!;
  const size = draws.between(...diameters) * imageSize;
  const thickness = Math.max(THINNEST_IN_PIXELS, draws.between(...thicknesses) * size);
  const isFilled = draws.between(0, 1) < 0.5 && !isOfStrokes(name);
  const rotation = draws.between(0, 2 * Math.PI);
  const radius = size / 2;
  const center = [draws.between(radius, imageSize - radius), draws.between(radius, imageSize - radius)] as const;
  const noise = draws.between(0, maxNoise);
  const background = BACKGROUND_NAMES[Math.floor(draws.between(0, BACKGROUND_NAMES.length))]!;
  const first = draws.color();
  const second = draws.color();
  const backgroundDraws = draws.take(BACKGROUND_DRAWS);
  const ends = [first, background === 'plain' ? first : second] as const;
  const { foreground, contrast } = standingOut(ends, minContrast, draws);

  const shape = [imageSize, imageSize] as const;
  const { mix, coverage } = scratchOf(imageSize);
  mixBackground(mix, shape, background, backgroundDraws);
  coverage.fill(0);
  cover(coverage, shape, formOf(name, { radius, thickness, isFilled }), {
    centerX: center[0],
    centerY: center[1],
    rotation,
    radius,
  });
  const image = compose(mix, coverage, [...ends, foreground], noise, random.words(4));
  return { image, label, name, size, thickness, isFilled, rotation, center, contrast, noise, background };
}

/** Random words of one image, consumed one by one. */
class Draws {
  readonly #words: Uint32Array;
  #used = 0;

  constructor(words: Uint32Array) {
    this.#words = words;
  }

  /** Uniform number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.#words[this.#used++]! * 2 ** -32;
  }

  color(): Color {
    return [this.between(0, 1), this.between(0, 1), this.between(0, 1)];
  }

  take(count: number): Uint32Array {
    this.#used += count;
    return this.#words.subarray(this.#used - count, this.#used);
  }
}

let scratch: { readonly mix: Float32Array; readonly coverage: Float32Array } | undefined;

/** Reused scratch memory: allocating it for each image would take a fifth of the time. */
function scratchOf(imageSize: number): NonNullable<typeof scratch> {
  const length = imageSize * imageSize;
  if (scratch?.mix.length !== length) scratch = { mix: new Float32Array(length), coverage: new Float32Array(length) };
  return scratch;
}

const isOfStrokes = (name: ShapeName): boolean => name === 'line' || name === 'cross' || name === 'arrow';

/**
 * Draws a color at least `minContrast` away from the line between the background colors, or else the best of the
 * attempts.
 */
function standingOut(
  ends: readonly [Color, Color],
  minContrast: number,
  draws: Draws,
): { readonly foreground: Color; readonly contrast: number } {
  let foreground = draws.color();
  let contrast = contrastOf(foreground, ends);
  for (let tries = 1; tries < COLOR_TRIES && contrast < minContrast; tries++) {
    const candidate = draws.color();
    const found = contrastOf(candidate, ends);
    if (found > contrast) [foreground, contrast] = [candidate, found];
  }
  return { foreground, contrast };
}

function contrastOf(color: Color, [a, b]: readonly [Color, Color]): number {
  const line = difference(b, a);
  const toColor = difference(color, a);
  const length = dot(line, line);
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, dot(toColor, line) / length));
  const away = difference(toColor, [line[0] * share, line[1] * share, line[2] * share]);
  return Math.sqrt(dot(away, away) / 3);
}

function difference(a: Color, b: Color): Color {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function dot(a: Color, b: Color): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Lookup table that clips -1024 to 3071 to bytes: with noise, a branch would be unpredictable. */
const clipped = Uint8Array.from({ length: 4096 }, (_, index) => Math.min(255, Math.max(0, index - 1024)));
/** Offset of a color value into `clipped`, rounding included. */
const CLIP_OFFSET = 1024.5;
const CLIP_MASK = 4095;

/**
 * Mixes the three colors and adds noise, drawing three channels from each random word. The words come from an inlined
 * xoshiro128** (Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021). Drawing them from a stream
 * would take longer than the image itself; a call or an array between them would cost a tenth of the time.
 * @param state four unsigned words
 */
function compose(
  mix: Float32Array,
  coverage: Float32Array,
  [first, second, foreground]: readonly [Color, Color, Color],
  noise: number,
  state: Uint32Array,
): Uint8Array {
  const image = new Uint8Array(3 * mix.length);
  for (let index = 0; index < normals.length; index++) noises[index] = normals[index]! * noise * 255;
  const red = first[0] * 255 + CLIP_OFFSET;
  const green = first[1] * 255 + CLIP_OFFSET;
  const blue = first[2] * 255 + CLIP_OFFSET;
  const toRed = (second[0] - first[0]) * 255;
  const toGreen = (second[1] - first[1]) * 255;
  const toBlue = (second[2] - first[2]) * 255;
  const formRed = foreground[0] * 255 + CLIP_OFFSET;
  const formGreen = foreground[1] * 255 + CLIP_OFFSET;
  const formBlue = foreground[2] * 255 + CLIP_OFFSET;
  let word0 = state[0]! | 0;
  let word1 = state[1]! | 0;
  let word2 = state[2]! | 0;
  let word3 = state[3]! | 1; // the all-zero state would never change
  for (let pixel = 0, index = 0; pixel < mix.length; pixel++, index += 3) {
    const scrambled = Math.imul(word1, 5);
    const word = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const shifted = word1 << 9;
    word2 ^= word0;
    word3 ^= word1;
    word1 ^= word2;
    word0 ^= word3;
    word2 ^= shifted;
    word3 = (word3 << 11) | (word3 >>> 21);
    const share = mix[pixel]!;
    const covered = coverage[pixel]!;
    let r = red + share * toRed;
    let g = green + share * toGreen;
    let b = blue + share * toBlue;
    if (covered > 0) {
      r += covered * (formRed - r);
      g += covered * (formGreen - g);
      b += covered * (formBlue - b);
    }
    image[index] = clipped[(r + noises[word & NORMAL_MASK]!) & CLIP_MASK]!;
    image[index + 1] = clipped[(g + noises[(word >>> NORMAL_BITS) & NORMAL_MASK]!) & CLIP_MASK]!;
    image[index + 2] = clipped[(b + noises[(word >>> (2 * NORMAL_BITS)) & NORMAL_MASK]!) & CLIP_MASK]!;
  }
  return image;
}

const NORMAL_BITS = 10;
const NORMAL_MASK = (1 << NORMAL_BITS) - 1;

/** Standard normal quantiles at the midpoints of 1,024 equal shares, rescaled to variance 1. */
const normals = standardNormals(1 << NORMAL_BITS);
/** `normals` scaled by the noise of the current image. */
const noises = new Float64Array(normals.length);

/** Solves for quantiles by Newton's method on Φ(z) = ½ + φ(z)(z + z³/3 + z⁵/(3·5) + …) (Marsaglia, 2004). */
function standardNormals(count: number): Float64Array {
  const quantiles = new Float64Array(count);
  let z = 0;
  for (let index = count / 2; index < count; index++) {
    const target = (index + 0.5) / count - 0.5;
    for (let round = 0; round < 6; round++) {
      const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
      let sum = z;
      for (let term = z, odd = 3; term > 1e-16 * sum; odd += 2) sum += term *= (z * z) / odd;
      z += target / density - sum;
    }
    quantiles[index] = z;
    quantiles[count - 1 - index] = -z;
  }
  const deviation = Math.sqrt(quantiles.reduce((sum, value) => sum + value * value, 0) / count);
  return quantiles.map((value) => value / deviation);
}

function checkOptions(
  imageSize: number,
  diameters: readonly [number, number],
  thicknesses: readonly [number, number],
  minContrast: number,
  maxNoise: number,
): void {
  const problem =
    !Number.isInteger(imageSize) || imageSize < 8
      ? `an image size of at least 8 pixels, got ${imageSize}`
      : !isRange(diameters, 1)
        ? `diameters from above 0 to 1, the smaller first, got ${diameters}`
        : !isRange(thicknesses, 0.5)
          ? `thicknesses from above 0 to 0.5, the smaller first, got ${thicknesses}`
          : !(minContrast >= 0 && minContrast <= 0.8)
            ? `a least contrast from 0 to 0.8, got ${minContrast}`
            : !(maxNoise >= 0 && maxNoise <= 1)
              ? `a noise from 0 to 1, got ${maxNoise}`
              : undefined;
  if (problem !== undefined) throw new RangeError(`shapes: expected ${problem}`);
}

function isRange([low, high]: readonly [number, number], most: number): boolean {
  return low > 0 && low <= high && high <= most;
}
