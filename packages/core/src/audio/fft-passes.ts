/** One pass of a transform: joins `radix` transforms of `size` values to one, block after block. */
export interface Pass {
  readonly radix: Radix;
  readonly size: number;
  /** e^(-2πi · k · j / (radix · size)) for j from 1 to radix - 1, by k: real and imaginary parts in turn. */
  readonly turns: Float64Array;
}
type Radix = 2 | 3 | 4 | 5;

/** Factors of a length in the order in which they are tried, and so the order of the passes. */
const RADICES: readonly Radix[] = [4, 2, 3, 5];

/** Passes of the complex transform of a length. Undefined where a prime factor is above 5. */
export function passesOf(length: number): Pass[] | undefined {
  if (!Number.isSafeInteger(length) || length < 1) return undefined;
  const passes: Pass[] = [];
  for (let size = 1; size < length;) {
    const left = length / size;
    const radix = RADICES.find((factor) => left % factor === 0);
    if (radix === undefined) return undefined;
    passes.push({ radix, size, turns: turnsOf(radix, size) });
    size *= radix;
  }
  return passes;
}

function turnsOf(radix: Radix, size: number): Float64Array {
  const turns = new Float64Array(2 * size * (radix - 1));
  for (let k = 0, index = 0; k < size; k++) {
    for (let j = 1; j < radix; j++) {
      const angle = (2 * Math.PI * k * j) / (radix * size);
      turns[index++] = Math.cos(angle);
      turns[index++] = -Math.sin(angle);
    }
  }
  return turns;
}

/** Index of the input for each place before the first pass: digits of the radices, reversed. */
export function orderOf(passes: readonly Pass[]): Uint32Array {
  let order = Uint32Array.of(0);
  for (const { radix } of [...passes].reverse()) {
    const step = order.length;
    const longer = new Uint32Array(step * radix);
    for (let part = 0; part < step; part++)
      for (let j = 0; j < radix; j++) longer[part * radix + j] = order[part]! + j * step;
    order = longer;
  }
  return order;
}

/**
 * Complex Fourier transform in passes of radix 4, 2, 3 and 5, by decimation in time (Cooley & Tukey, 1965).
 * @param from [2 N] real and imaginary parts in turn
 * @param to [2 N] another array
 */
export function transform(
  passes: readonly Pass[],
  order: Uint32Array,
  from: Float64Array | Float32Array,
  to: Float64Array,
): void {
  const isFirst4 = passes[0]?.radix === 4;
  if (isFirst4) first4(order, from, to);
  else reorder(order, from, to);
  for (let index = isFirst4 ? 1 : 0; index < passes.length; index++) {
    const pass = passes[index]!;
    if (pass.radix === 4) radix4(pass, to);
    else if (pass.radix === 2) radix2(pass, to);
    else if (pass.radix === 3) radix3(pass, to);
    else radix5(pass, to);
  }
}

function reorder(order: Uint32Array, x: Float64Array | Float32Array, y: Float64Array): void {
  for (let index = 0; index < order.length; index++) {
    const source = 2 * order[index]!;
    y[2 * index] = x[source]!;
    y[2 * index + 1] = x[source + 1]!;
  }
}

/** First pass of radix 4 together with the reordering. Its turns are all 1. */
function first4(order: Uint32Array, x: Float64Array | Float32Array, y: Float64Array): void {
  for (let index = 0, output = 0; index < order.length; index += 4, output += 8) {
    const a = 2 * order[index]!;
    const b = 2 * order[index + 1]!;
    const c = 2 * order[index + 2]!;
    const d = 2 * order[index + 3]!;
    const aReal = x[a]!;
    const aImaginary = x[a + 1]!;
    const bReal = x[b]!;
    const bImaginary = x[b + 1]!;
    const cReal = x[c]!;
    const cImaginary = x[c + 1]!;
    const dReal = x[d]!;
    const dImaginary = x[d + 1]!;
    const sumAcReal = aReal + cReal;
    const sumAcImaginary = aImaginary + cImaginary;
    const lessAcReal = aReal - cReal;
    const lessAcImaginary = aImaginary - cImaginary;
    const sumBdReal = bReal + dReal;
    const sumBdImaginary = bImaginary + dImaginary;
    const lessBdReal = bReal - dReal;
    const lessBdImaginary = bImaginary - dImaginary;
    y[output] = sumAcReal + sumBdReal;
    y[output + 1] = sumAcImaginary + sumBdImaginary;
    y[output + 2] = lessAcReal + lessBdImaginary;
    y[output + 3] = lessAcImaginary - lessBdReal;
    y[output + 4] = sumAcReal - sumBdReal;
    y[output + 5] = sumAcImaginary - sumBdImaginary;
    y[output + 6] = lessAcReal - lessBdImaginary;
    y[output + 7] = lessAcImaginary + lessBdReal;
  }
}

function radix4({ size, turns }: Pass, y: Float64Array): void {
  const apart = 2 * size;
  for (let block = 0; block < y.length; block += 4 * apart) {
    for (let a = block, turn = 0; a < block + apart; a += 2, turn += 6) {
      const b = a + apart;
      const c = b + apart;
      const d = c + apart;
      const aReal = y[a]!;
      const aImaginary = y[a + 1]!;
      const bReal = y[b]! * turns[turn]! - y[b + 1]! * turns[turn + 1]!;
      const bImaginary = y[b]! * turns[turn + 1]! + y[b + 1]! * turns[turn]!;
      const cReal = y[c]! * turns[turn + 2]! - y[c + 1]! * turns[turn + 3]!;
      const cImaginary = y[c]! * turns[turn + 3]! + y[c + 1]! * turns[turn + 2]!;
      const dReal = y[d]! * turns[turn + 4]! - y[d + 1]! * turns[turn + 5]!;
      const dImaginary = y[d]! * turns[turn + 5]! + y[d + 1]! * turns[turn + 4]!;
      const sumAcReal = aReal + cReal;
      const sumAcImaginary = aImaginary + cImaginary;
      const lessAcReal = aReal - cReal;
      const lessAcImaginary = aImaginary - cImaginary;
      const sumBdReal = bReal + dReal;
      const sumBdImaginary = bImaginary + dImaginary;
      const lessBdReal = bReal - dReal;
      const lessBdImaginary = bImaginary - dImaginary;
      y[a] = sumAcReal + sumBdReal;
      y[a + 1] = sumAcImaginary + sumBdImaginary;
      y[b] = lessAcReal + lessBdImaginary;
      y[b + 1] = lessAcImaginary - lessBdReal;
      y[c] = sumAcReal - sumBdReal;
      y[c + 1] = sumAcImaginary - sumBdImaginary;
      y[d] = lessAcReal - lessBdImaginary;
      y[d + 1] = lessAcImaginary + lessBdReal;
    }
  }
}

function radix2({ size, turns }: Pass, y: Float64Array): void {
  const apart = 2 * size;
  for (let block = 0; block < y.length; block += 2 * apart) {
    for (let a = block, turn = 0; a < block + apart; a += 2, turn += 2) {
      const b = a + apart;
      const aReal = y[a]!;
      const aImaginary = y[a + 1]!;
      const bReal = y[b]! * turns[turn]! - y[b + 1]! * turns[turn + 1]!;
      const bImaginary = y[b]! * turns[turn + 1]! + y[b + 1]! * turns[turn]!;
      y[a] = aReal + bReal;
      y[a + 1] = aImaginary + bImaginary;
      y[b] = aReal - bReal;
      y[b + 1] = aImaginary - bImaginary;
    }
  }
}

const SINE_OF_THIRD = Math.sin((2 * Math.PI) / 3);

function radix3({ size, turns }: Pass, y: Float64Array): void {
  const apart = 2 * size;
  for (let block = 0; block < y.length; block += 3 * apart) {
    for (let a = block, turn = 0; a < block + apart; a += 2, turn += 4) {
      const b = a + apart;
      const c = b + apart;
      const aReal = y[a]!;
      const aImaginary = y[a + 1]!;
      const bReal = y[b]! * turns[turn]! - y[b + 1]! * turns[turn + 1]!;
      const bImaginary = y[b]! * turns[turn + 1]! + y[b + 1]! * turns[turn]!;
      const cReal = y[c]! * turns[turn + 2]! - y[c + 1]! * turns[turn + 3]!;
      const cImaginary = y[c]! * turns[turn + 3]! + y[c + 1]! * turns[turn + 2]!;
      const sumReal = bReal + cReal;
      const sumImaginary = bImaginary + cImaginary;
      const lessReal = SINE_OF_THIRD * (bReal - cReal);
      const lessImaginary = SINE_OF_THIRD * (bImaginary - cImaginary);
      const middleReal = aReal - sumReal / 2;
      const middleImaginary = aImaginary - sumImaginary / 2;
      y[a] = aReal + sumReal;
      y[a + 1] = aImaginary + sumImaginary;
      y[b] = middleReal + lessImaginary;
      y[b + 1] = middleImaginary - lessReal;
      y[c] = middleReal - lessImaginary;
      y[c + 1] = middleImaginary + lessReal;
    }
  }
}

const COSINE_OF_FIFTH = Math.cos((2 * Math.PI) / 5);
const COSINE_OF_TWO_FIFTHS = Math.cos((4 * Math.PI) / 5);
const SINE_OF_FIFTH = Math.sin((2 * Math.PI) / 5);
const SINE_OF_TWO_FIFTHS = Math.sin((4 * Math.PI) / 5);

function radix5({ size, turns }: Pass, y: Float64Array): void {
  const apart = 2 * size;
  for (let block = 0; block < y.length; block += 5 * apart) {
    for (let a = block, turn = 0; a < block + apart; a += 2, turn += 8) {
      const b = a + apart;
      const c = b + apart;
      const d = c + apart;
      const e = d + apart;
      const aReal = y[a]!;
      const aImaginary = y[a + 1]!;
      const bReal = y[b]! * turns[turn]! - y[b + 1]! * turns[turn + 1]!;
      const bImaginary = y[b]! * turns[turn + 1]! + y[b + 1]! * turns[turn]!;
      const cReal = y[c]! * turns[turn + 2]! - y[c + 1]! * turns[turn + 3]!;
      const cImaginary = y[c]! * turns[turn + 3]! + y[c + 1]! * turns[turn + 2]!;
      const dReal = y[d]! * turns[turn + 4]! - y[d + 1]! * turns[turn + 5]!;
      const dImaginary = y[d]! * turns[turn + 5]! + y[d + 1]! * turns[turn + 4]!;
      const eReal = y[e]! * turns[turn + 6]! - y[e + 1]! * turns[turn + 7]!;
      const eImaginary = y[e]! * turns[turn + 7]! + y[e + 1]! * turns[turn + 6]!;
      const sumBeReal = bReal + eReal;
      const sumBeImaginary = bImaginary + eImaginary;
      const sumCdReal = cReal + dReal;
      const sumCdImaginary = cImaginary + dImaginary;
      const real1 = aReal + COSINE_OF_FIFTH * sumBeReal + COSINE_OF_TWO_FIFTHS * sumCdReal;
      const imaginary1 = aImaginary + COSINE_OF_FIFTH * sumBeImaginary + COSINE_OF_TWO_FIFTHS * sumCdImaginary;
      const real2 = aReal + COSINE_OF_TWO_FIFTHS * sumBeReal + COSINE_OF_FIFTH * sumCdReal;
      const imaginary2 = aImaginary + COSINE_OF_TWO_FIFTHS * sumBeImaginary + COSINE_OF_FIFTH * sumCdImaginary;
      const turnedReal1 = SINE_OF_FIFTH * (bReal - eReal) + SINE_OF_TWO_FIFTHS * (cReal - dReal);
      const turnedImaginary1 =
        SINE_OF_FIFTH * (bImaginary - eImaginary) + SINE_OF_TWO_FIFTHS * (cImaginary - dImaginary);
      const turnedReal2 = SINE_OF_TWO_FIFTHS * (bReal - eReal) - SINE_OF_FIFTH * (cReal - dReal);
      const turnedImaginary2 =
        SINE_OF_TWO_FIFTHS * (bImaginary - eImaginary) - SINE_OF_FIFTH * (cImaginary - dImaginary);
      y[a] = aReal + sumBeReal + sumCdReal;
      y[a + 1] = aImaginary + sumBeImaginary + sumCdImaginary;
      y[b] = real1 + turnedImaginary1;
      y[b + 1] = imaginary1 - turnedReal1;
      y[c] = real2 + turnedImaginary2;
      y[c + 1] = imaginary2 - turnedReal2;
      y[d] = real2 - turnedImaginary2;
      y[d + 1] = imaginary2 + turnedReal2;
      y[e] = real1 - turnedImaginary1;
      y[e + 1] = imaginary1 + turnedReal1;
    }
  }
}
