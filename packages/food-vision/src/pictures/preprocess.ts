import { cropCenter, type Filter, type Picture, resizeShorterSide } from './resample.ts';

/** Pictures that a network was trained to see. */
export interface Preprocessing {
  /** Pixels of the shorter side after resizing. */
  readonly resizeSize: number;
  /** Height and width of the square that is cut out of the middle. */
  readonly cropSize: number;
  readonly filter: Filter;
  /** Mean of each channel, values from 0 to 1. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** A picture resized and cropped, still as bytes [size, size, 3]. */
export function squareOf(picture: Picture, { resizeSize, cropSize, filter }: Preprocessing): Picture {
  return cropCenter(resizeShorterSide(picture, resizeSize, filter), cropSize);
}

/**
 * (v / 255 - mean) / deviation, rounded to float32 after each step as in torchvision's `ToTensor` and `Normalize`.
 * @param squares bytes [N, H, W, 3]
 * @returns [N, H, W, 3]
 */
export function normalize(squares: Uint8Array, { mean, deviation }: Preprocessing): Float32Array {
  const tables = mean.map((center, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => {
      const shifted = Math.fround(Math.fround(byte / 255) - Math.fround(center));
      return shifted / Math.fround(deviation[channel]!);
    }),
  );
  const normalized = new Float32Array(squares.length);
  for (let at = 0; at < squares.length; at++) normalized[at] = tables[at % 3]![squares[at]!]!;
  return normalized;
}
