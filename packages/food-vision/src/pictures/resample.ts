/**
 * Pillow's resampling, byte for byte: two passes, each with the filter as wide as the reduction (antialias), coefficients
 * of 22 bits, and values rounded to bytes between the passes. Models are trained on pictures reduced in this way, and a
 * canvas or another library gives other pixels.
 */

/** A picture as bytes [H, W, 3], row by row. */
export interface Picture {
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
}

export type Filter = 'bilinear' | 'bicubic';

interface Kernel {
  /** The kernel is 0 from here on. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const kernels: Readonly<Record<Filter, Kernel>> = {
  bilinear: { support: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  // Keys, "Cubic convolution interpolation", 1981, with a = -1/2.
  bicubic: {
    support: 2,
    weight(distance) {
      const x = Math.abs(distance);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
    },
  },
};

const CHANNELS = 3;
/** Bits after the point: 32 less 8 of a byte and 2 for sums above 255. */
const PRECISION_BITS = 22;
const ONE = 2 ** PRECISION_BITS;
const HALF = 2 ** (PRECISION_BITS - 1);

/** For each output pixel, the first input pixel it sees and the weights of that and the following ones. */
interface Coefficients {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** [outputs, window] */
  readonly weights: Int32Array;
  readonly window: number;
}

function coefficients(inputs: number, outputs: number, filter: Filter): Coefficients {
  const { support: reach, weight } = kernels[filter];
  const scale = inputs / outputs;
  const stretch = Math.max(scale, 1);
  const support = reach * stretch;
  const window = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(outputs);
  const counts = new Int32Array(outputs);
  const weights = new Int32Array(outputs * window);
  const exact = new Float64Array(window);
  for (let output = 0; output < outputs; output++) {
    const center = (output + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(inputs, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let place = 0; place < count; place++) {
      exact[place] = weight((place + start - center + 0.5) * (1 / stretch));
      sum += exact[place]!;
    }
    for (let place = 0; place < count; place++) {
      const share = (sum === 0 ? exact[place]! : exact[place]! / sum) * ONE;
      weights[output * window + place] = Math.trunc(share < 0 ? share - 0.5 : share + 0.5);
    }
    starts[output] = start;
    counts[output] = count;
  }
  return { starts, counts, weights, window };
}

function toByte(sum: number): number {
  const value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Resizes the rows of a picture. */
function resizeRows({ values, height, width }: Picture, outputs: number, filter: Filter): Picture {
  const { starts, counts, weights, window } = coefficients(width, outputs, filter);
  const resized = new Uint8Array(height * outputs * CHANNELS);
  for (let row = 0; row < height; row++) {
    for (let output = 0; output < outputs; output++) {
      let [red, green, blue] = [HALF, HALF, HALF];
      let from = (row * width + starts[output]!) * CHANNELS;
      const first = output * window;
      for (let place = first; place < first + counts[output]!; place++, from += CHANNELS) {
        const weight = weights[place]!;
        red += values[from]! * weight;
        green += values[from + 1]! * weight;
        blue += values[from + 2]! * weight;
      }
      const to = (row * outputs + output) * CHANNELS;
      resized[to] = toByte(red);
      resized[to + 1] = toByte(green);
      resized[to + 2] = toByte(blue);
    }
  }
  return { values: resized, height, width: outputs };
}

/** Resizes the columns of a picture. */
function resizeColumns({ values, height, width }: Picture, outputs: number, filter: Filter): Picture {
  const { starts, counts, weights, window } = coefficients(height, outputs, filter);
  const stride = width * CHANNELS;
  const resized = new Uint8Array(outputs * stride);
  const sums = new Int32Array(stride);
  for (let output = 0; output < outputs; output++) {
    sums.fill(HALF);
    for (let place = 0; place < counts[output]!; place++) {
      const weight = weights[output * window + place]!;
      const from = (starts[output]! + place) * stride;
      for (let at = 0; at < stride; at++) sums[at]! += values[from + at]! * weight;
    }
    for (let at = 0; at < stride; at++) resized[output * stride + at] = toByte(sums[at]!);
  }
  return { values: resized, height: outputs, width };
}

/** Resizes a picture as Pillow's `Image.resize` does, rows first. Its own size is the picture itself. */
export function resize(picture: Picture, height: number, width: number, filter: Filter): Picture {
  const rows = width === picture.width ? picture : resizeRows(picture, width, filter);
  return height === picture.height ? rows : resizeColumns(rows, height, filter);
}

/** Resizes the shorter side to `size` pixels, as torchvision's `Resize(size)` does. */
export function resizeShorterSide(picture: Picture, size: number, filter: Filter): Picture {
  const { height, width } = picture;
  const longer = Math.trunc((size * Math.max(height, width)) / Math.min(height, width));
  return height <= width ? resize(picture, size, longer, filter) : resize(picture, longer, size, filter);
}

/** Rounds as Python does: halves to the even neighbor. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const isHalf = value - below === 0.5;
  return isHalf ? below + (below % 2) : Math.round(value);
}

/**
 * Cuts a square out of the middle, as torchvision's `CenterCrop(size)` does.
 * @throws RangeError where the picture is smaller
 */
export function cropCenter({ values, height, width }: Picture, size: number): Picture {
  if (height < size || width < size)
    throw new RangeError(`cropCenter: expected at least ${size} × ${size} pixels, got ${height} × ${width}`);
  const [top, left] = [roundHalfToEven((height - size) / 2), roundHalfToEven((width - size) / 2)];
  const cut = new Uint8Array(size * size * CHANNELS);
  for (let row = 0; row < size; row++) {
    const from = ((top + row) * width + left) * CHANNELS;
    cut.set(values.subarray(from, from + size * CHANNELS), row * size * CHANNELS);
  }
  return { values: cut, height: size, width: size };
}
