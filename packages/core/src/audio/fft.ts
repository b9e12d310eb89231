import { orderOf, passesOf, transform, type Pass } from './fft-passes.ts';

const MAX_KEPT = 16;
const kept = new Map<number, RealFft>();

/**
 * Fourier transform of real signals of one length, X[k] = Σ x[n] e^(-2πi · k · n / N), and its inverse. A complex
 * transform of half the length does the work. Calls allocate nothing.
 */
export class RealFft {
  /** N */
  readonly length: number;
  /** Number of frequencies from 0 to half of the sample rate: N / 2 + 1. */
  readonly bins: number;
  /** Spectrum [2 (N / 2 + 1)], real and imaginary parts in turn: `forward` writes it, `inverse` reads it. */
  readonly spectrum: Float64Array;
  readonly #passes: readonly Pass[];
  readonly #order: Uint32Array;
  readonly #pairs: Float64Array;
  readonly #work: Float64Array;
  /** e^(-2πi · k / N) for k up to N / 4. */
  readonly #turns: Float64Array;

  /** @throws RangeError where the length is not even, or half of it has a prime factor above 5 */
  constructor(length: number) {
    const half = length / 2;
    const passes = passesOf(half);
    if (passes === undefined)
      throw new RangeError(`RealFft: expected an even length without prime factors above 5, got ${length}`);
    this.length = length;
    this.bins = half + 1;
    this.#passes = passes;
    this.#order = orderOf(passes);
    this.spectrum = new Float64Array(2 * this.bins);
    this.#pairs = new Float64Array(2 * half);
    this.#work = new Float64Array(2 * half);
    this.#turns = new Float64Array(2 * ((half >> 1) + 1));
    for (let bin = 0; 2 * bin < this.#turns.length; bin++) {
      this.#turns[2 * bin] = Math.cos((2 * Math.PI * bin) / length);
      this.#turns[2 * bin + 1] = -Math.sin((2 * Math.PI * bin) / length);
    }
  }

  /**
   * Transform of a length, kept for the next call. The next user of the same length overwrites its spectrum.
   * @throws RangeError where the constructor does
   */
  static ofLength(length: number): RealFft {
    let fft = kept.get(length);
    if (fft === undefined) {
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(length, (fft = new RealFft(length)));
    }
    return fft;
  }

  /** Writes the spectrum of a signal [N]. */
  forward(signal: Float64Array | Float32Array): void {
    // Neighbouring samples are the real and imaginary parts of the complex signal z.
    transform(this.#passes, this.#order, signal, this.#work);
    this.#separate();
  }

  /** Writes the signal [N] of the spectrum. */
  inverse(signal: Float64Array | Float32Array): void {
    this.#combine();
    transform(this.#passes, this.#order, this.#pairs, this.#work);
    const half = this.length / 2;
    for (let index = 0; index < this.length; index += 2) {
      signal[index] = this.#work[index]! / half;
      signal[index + 1] = -this.#work[index + 1]! / half;
    }
  }

  /**
   * Spectrum of the real signal from that of z, whose real part has the even samples:
   * X[k] = (Z[k] + Z*[N/2 - k]) / 2 - i/2 · e^(-2πi · k / N) · (Z[k] - Z*[N/2 - k]).
   */
  #separate(): void {
    const [x, z, turns] = [this.spectrum, this.#work, this.#turns];
    const end = this.length;
    x[0] = z[0]! + z[1]!;
    x[1] = 0;
    x[end] = z[0]! - z[1]!;
    x[end + 1] = 0;
    for (let bin = 2, mirror = end - 2; bin <= mirror; bin += 2, mirror -= 2) {
      const evenReal = (z[bin]! + z[mirror]!) / 2;
      const evenImaginary = (z[bin + 1]! - z[mirror + 1]!) / 2;
      const oddReal = (z[bin + 1]! + z[mirror + 1]!) / 2;
      const oddImaginary = (z[mirror]! - z[bin]!) / 2;
      const turnReal = turns[bin]!;
      const turnImaginary = turns[bin + 1]!;
      const turnedReal = turnReal * oddReal - turnImaginary * oddImaginary;
      const turnedImaginary = turnReal * oddImaginary + turnImaginary * oddReal;
      x[bin] = evenReal + turnedReal;
      x[bin + 1] = evenImaginary + turnedImaginary;
      x[mirror] = evenReal - turnedReal;
      x[mirror + 1] = turnedImaginary - evenImaginary;
    }
  }

  /** Writes the conjugate of Z: the transform of the conjugate is the conjugate of the inverse. */
  #combine(): void {
    const [x, z, turns] = [this.spectrum, this.#pairs, this.#turns];
    const end = this.length;
    z[0] = (x[0]! + x[end]!) / 2;
    z[1] = (x[end]! - x[0]!) / 2;
    for (let bin = 2, mirror = end - 2; bin <= mirror; bin += 2, mirror -= 2) {
      const evenReal = (x[bin]! + x[mirror]!) / 2;
      const evenImaginary = (x[bin + 1]! - x[mirror + 1]!) / 2;
      const turnedReal = (x[bin]! - x[mirror]!) / 2;
      const turnedImaginary = (x[bin + 1]! + x[mirror + 1]!) / 2;
      const turnReal = turns[bin]!;
      const turnImaginary = turns[bin + 1]!;
      const oddReal = turnReal * turnedReal + turnImaginary * turnedImaginary;
      const oddImaginary = turnReal * turnedImaginary - turnImaginary * turnedReal;
      z[bin] = evenReal - oddImaginary;
      z[bin + 1] = -(evenImaginary + oddReal);
      z[mirror] = evenReal + oddImaginary;
      z[mirror + 1] = evenImaginary - oddReal;
    }
  }
}

/** Smallest power of two that is not below `size`. */
export function powerOfTwoFrom(size: number): number {
  let power = 1;
  while (power < size) power *= 2;
  return power;
}
