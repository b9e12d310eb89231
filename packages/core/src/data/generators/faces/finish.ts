import type { RandomNumbers } from '@motley/run';
import { cover } from '../coverage.ts';
import { BACKGROUND_DRAWS, BACKGROUND_NAMES, mixBackground } from '../shapes/background.ts';
import { formOf, SHAPE_NAMES } from '../shapes/forms.ts';
import { colorOf } from './colors.ts';
import type { Canvas } from './portrait.ts';

/** Types of pixels: bytes from 0 to 255, or floats from 0 to 1. */
export interface PixelArrays {
  readonly uint8: Uint8Array;
  readonly float32: Float32Array;
}
export type PixelKind = keyof PixelArrays;

let scratch: (Canvas & { readonly mix: Float32Array; readonly spare: Float32Array }) | undefined;

/** Canvas of a size, with memory that the next call reuses. Its pixels are undefined, its owners 0. */
export function canvasOf(
  height: number,
  width: number,
): Canvas & { readonly mix: Float32Array; readonly spare: Float32Array } {
  if (scratch?.height !== height || scratch.width !== width) {
    const length = height * width;
    scratch = {
      values: new Float32Array(3 * length),
      spare: new Float32Array(3 * length),
      mix: new Float32Array(length),
      owner: new Uint8Array(length),
      height,
      width,
    };
  }
  scratch.owner.fill(0);
  return scratch;
}

/** Fills a canvas with two mixed colors, and draws forms over them. */
export function drawBackground(
  { values, mix, height, width }: ReturnType<typeof canvasOf>,
  clutter: number,
  random: RandomNumbers,
): void {
  const draws = random.uniformValues(8 + 12 * clutter);
  const shape = [height, width] as const;
  mixBackground(
    mix,
    shape,
    BACKGROUND_NAMES[Math.floor(draws[0]! * BACKGROUND_NAMES.length)]!,
    random.words(BACKGROUND_DRAWS),
  );
  const first = colorOf(draws[1]!, 0.6 * draws[2]!, 0.1 + 0.85 * draws[3]!);
  const second = colorOf(draws[4]!, 0.6 * draws[5]!, 0.1 + 0.85 * draws[6]!);
  for (let pixel = 0; pixel < mix.length; pixel++)
    for (let channel = 0; channel < 3; channel++)
      values[3 * pixel + channel] = first[channel]! + (second[channel]! - first[channel]!) * mix[pixel]!;
  for (let form = 0; form < clutter; form++) {
    const at = 8 + 12 * form;
    const radius = Math.min(height, width) * (0.05 + 0.35 * draws[at]! ** 2);
    const tint = colorOf(draws[at + 1]!, 0.8 * draws[at + 2]!, 0.1 + 0.85 * draws[at + 3]!);
    mix.fill(0);
    const name = SHAPE_NAMES[Math.floor(draws[at + 4]! * SHAPE_NAMES.length)]!;
    const sizes = {
      radius,
      thickness: Math.max(1.5, radius * (0.1 + 0.3 * draws[at + 5]!)),
      isFilled: draws[at + 6]! < 0.6,
    };
    cover(mix, shape, formOf(name, sizes), {
      centerX: draws[at + 7]! * width,
      centerY: draws[at + 8]! * height,
      rotation: 2 * Math.PI * draws[at + 9]!,
      radius,
    });
    const opacity = 0.4 + 0.6 * draws[at + 10]!;
    for (let pixel = 0; pixel < mix.length; pixel++) {
      const share = mix[pixel]! * opacity;
      if (share === 0) continue;
      for (let channel = 0; channel < 3; channel++)
        values[3 * pixel + channel]! += (tint[channel]! - values[3 * pixel + channel]!) * share;
    }
  }
}

/** Gaussian blur with edges continued, rows and columns one after the other. */
export function blur({ values, spare, height, width }: ReturnType<typeof canvasOf>, deviation: number): void {
  if (deviation < 0.15) return;
  const reach = Math.ceil(2.5 * deviation);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-((index - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  const weights = Float64Array.from(kernel, (weight) => weight / sum);
  blurLines(values, spare, weights, { lines: height, lineStep: 3 * width, length: width, step: 3 });
  blurLines(spare, values, weights, { lines: width, lineStep: 3, length: height, step: 3 * width });
}

function blurLines(
  from: Float32Array,
  to: Float32Array,
  weights: Float64Array,
  { lines, lineStep, length, step }: Record<'lines' | 'lineStep' | 'length' | 'step', number>,
): void {
  const reach = (weights.length - 1) / 2;
  for (let line = 0; line < lines; line++)
    for (let place = 0; place < length; place++) {
      let [red, green, blue] = [0, 0, 0];
      for (let offset = -reach; offset <= reach; offset++) {
        const at = line * lineStep + Math.min(length - 1, Math.max(0, place + offset)) * step;
        const weight = weights[offset + reach]!;
        red += weight * from[at]!;
        green += weight * from[at + 1]!;
        blue += weight * from[at + 2]!;
      }
      const at = line * lineStep + place * step;
      to[at] = red;
      to[at + 1] = green;
      to[at + 2] = blue;
    }
}

/** Adds Gaussian noise, and clips to pixels of a kind. */
export function finish<Kind extends PixelKind>(
  { values }: Canvas,
  noise: number,
  random: RandomNumbers,
  kind: Kind,
): PixelArrays[Kind] {
  const pixels = kind === 'uint8' ? new Uint8ClampedArray(values.length) : new Float32Array(values.length);
  const scale = kind === 'uint8' ? 255 : 1;
  const words = noise > 0 ? random.words(Math.ceil(values.length / 2)) : undefined;
  // The sum of two uniform bytes' worth of each half word is nearly normal; its variance is 1 / 6 of their range.
  const factor = noise * Math.sqrt(6);
  for (let index = 0; index < values.length; index++) {
    let value = values[index]!;
    if (words !== undefined) {
      const word = words[index >> 1]! >>> (16 * (index & 1));
      value += factor * (((word & 255) + ((word >>> 8) & 255)) / 255 - 1);
    }
    pixels[index] = scale * Math.min(1, Math.max(0, value));
  }
  return (kind === 'uint8' ? new Uint8Array(pixels.buffer) : pixels) as PixelArrays[Kind];
}
