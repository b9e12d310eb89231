import type { NdArray } from './array.ts';

/** A map that a demo draws. */
export interface NamedMap {
  readonly name: string;
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** Longest row of values that belong to no picture. */
const ROW_LENGTH = 64;

/** Output of one example: channels [1, H, W, C] side by side, units [1, N] in rows. */
export function outputMap(name: string, output: NdArray): NamedMap {
  const { shape } = output;
  const values = output.contiguous();
  if (shape.length < 4) return rowsOf(name, values);
  const [, height, width, channels] = shape as [number, number, number, number];
  return tiles(name, channels, [height, width], (channel, row, column) => {
    return values[(row * width + column) * channels + channel]!;
  });
}

/** Weights of a layer: kernels [K, K, C, F] as the mean over their inputs side by side, others [inputs, outputs], the longer side across. */
export function weightMap(name: string, weight: NdArray): NamedMap {
  const { shape } = weight;
  const values = weight.contiguous();
  if (shape.length === 2) {
    const [inputs, outputs] = shape as [number, number];
    if (inputs <= outputs) return { name, values: Float32Array.from(values), height: inputs, width: outputs };
    const turned = Float32Array.from(values, (_, at) => values[(at % inputs) * outputs + Math.floor(at / inputs)]!);
    return { name, values: turned, height: outputs, width: inputs };
  }
  if (shape.length < 4) return rowsOf(name, values);
  const [rows, columns, inputs, filters] = shape as [number, number, number, number];
  return tiles(name, filters, [rows, columns], (filter, row, column) => {
    let sum = 0;
    for (let input = 0; input < inputs; input++)
      sum += values[((row * columns + column) * inputs + input) * filters + filter]!;
    return sum / inputs;
  });
}

function rowsOf(name: string, values: ArrayLike<number>): NamedMap {
  const width = Math.min(ROW_LENGTH, values.length);
  const height = Math.ceil(values.length / width);
  const padded = new Float32Array(width * height);
  padded.set(values);
  return { name, values: padded, height, width };
}

/** Maps of one size in a nearly square grid, with a gap of one pixel that is as dark as the darkest. */
function tiles(
  name: string,
  count: number,
  [height, width]: readonly [number, number],
  valueAt: (tile: number, row: number, column: number) => number,
): NamedMap {
  const across = Math.ceil(Math.sqrt(count));
  const down = Math.ceil(count / across);
  const whole = { height: down * (height + 1) - 1, width: across * (width + 1) - 1 };
  const values = new Float32Array(whole.height * whole.width).fill(Number.NaN);
  let lowest = Infinity;
  for (let tile = 0; tile < count; tile++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const value = valueAt(tile, row, column);
        const top = Math.floor(tile / across) * (height + 1) + row;
        values[top * whole.width + (tile % across) * (width + 1) + column] = value;
        lowest = Math.min(lowest, value);
      }
  return { name, values: values.map((value) => (Number.isNaN(value) ? lowest : value)), ...whole };
}
