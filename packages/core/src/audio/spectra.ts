import { RealFft, powerOfTwoFrom } from './fft.ts';
import { checkRate, checkSamples } from './frames.ts';

export type WindowShape = 'hann' | 'hamming' | 'povey' | 'rectangular';

export interface WindowOptions {
  /** Length of the window. Default 25. */
  readonly windowInMs?: number;
  /** Distance of one frame from the next. Default 10. */
  readonly hopInMs?: number;
  /**
   * Default 'hann', as librosa and torchaudio have it: periodic. 'povey' is Kaldi's, a symmetric Hann window to the
   * power of 0.85.
   */
  readonly window?: WindowShape;
  /** Length of the Fourier transform. Default: the smallest power of two that is not below the window. */
  readonly fftLength?: number;
  /**
   * Frames at the ends. 'none', the default: frame t covers the window that begins at t · hop, and all frames lie
   * inside, so that those of a part are the same as those of the whole. 'reflect' and 'zeros': frame t is centered at t
   * · hop, and the sound goes on by reflection or by silence, as librosa has it with `center=True`.
   */
  readonly padding?: 'none' | 'reflect' | 'zeros';
  /** Factor c of x[n] - c · x[n - 1], which raises high frequencies. Default 0; Kaldi's is 0.97. */
  readonly preEmphasis?: number;
}

/** Sizes that follow from the options, in samples. */
export interface Framing {
  readonly windowLength: number;
  readonly hop: number;
  readonly fftLength: number;
  readonly window: Float64Array;
  readonly padding: 'none' | 'reflect' | 'zeros';
  readonly preEmphasis: number;
}

/** @throws RangeError where a length is not positive, or the window is longer than the transform */
export function framingOf(user: string, sampleRateInHz: number, options: WindowOptions): Framing {
  checkRate(user, sampleRateInHz);
  const { windowInMs = 25, hopInMs = 10, window = 'hann', padding = 'none', preEmphasis = 0 } = options;
  const windowLength = Math.round((windowInMs * sampleRateInHz) / 1000);
  const hop = Math.round((hopInMs * sampleRateInHz) / 1000);
  if (!(windowLength >= 2 && hop >= 1 && windowLength < 2 ** 24 && hop < 2 ** 31))
    throw new RangeError(
      `${user}: expected a window of at least 2 samples and a hop of at least 1, got ${windowInMs} ms and ${hopInMs} ms at ${sampleRateInHz} Hz`,
    );
  const { fftLength = powerOfTwoFrom(windowLength) } = options;
  if (!(fftLength >= windowLength))
    throw new RangeError(
      `${user}: expected a transform of at least ${windowLength} samples, the window's length, got ${fftLength}`,
    );
  if (!(preEmphasis >= 0 && preEmphasis <= 1))
    throw new RangeError(`${user}: expected a pre-emphasis from 0 to 1, got ${preEmphasis}`);
  return { windowLength, hop, fftLength, window: windowOf(window, windowLength), padding, preEmphasis };
}

function windowOf(shape: WindowShape, length: number): Float64Array {
  const values = new Float64Array(length);
  for (let index = 0; index < length; index++) {
    const turn = Math.cos((2 * Math.PI * index) / (shape === 'povey' ? length - 1 : length));
    if (shape === 'hann') values[index] = 0.5 - 0.5 * turn;
    else if (shape === 'hamming') values[index] = 0.54 - 0.46 * turn;
    else if (shape === 'povey') values[index] = (0.5 - 0.5 * turn) ** 0.85;
    else values[index] = 1;
  }
  return values;
}

/** Number of frames of a sound: all windows that lie inside, or with padding one for each hop begun. */
export function frameCount(length: number, { windowLength, hop, padding }: Framing): number {
  if (padding !== 'none') return 1 + Math.floor(length / hop);
  return length < windowLength ? 0 : 1 + Math.floor((length - windowLength) / hop);
}

/**
 * Calls `use` with the power spectrum |X[k]|² [fftLength / 2 + 1] of each frame. The array is the same each time.
 * @throws RangeError where samples are missing, not finite, or fewer than one window
 */
export function eachPowerSpectrum(
  user: string,
  samples: Float32Array,
  framing: Framing,
  use: (power: Float64Array, frame: number) => void,
): void {
  checkSamples(user, samples);
  const { windowLength, hop, fftLength, window } = framing;
  if (samples.length < windowLength)
    throw new RangeError(`${user}: expected at least one window of ${windowLength} samples, got ${samples.length}`);
  const padded = withEnds(emphasized(samples, framing.preEmphasis), framing);
  const fft = RealFft.ofLength(fftLength);
  const framed = new Float64Array(fftLength);
  const power = new Float64Array(fft.bins);
  const { spectrum } = fft;
  const count = frameCount(samples.length, framing);
  for (let frame = 0; frame < count; frame++) {
    const first = frame * hop;
    for (let index = 0; index < windowLength; index++) framed[index] = padded[first + index]! * window[index]!;
    fft.forward(framed);
    for (let bin = 0, part = 0; bin < power.length; bin++, part += 2)
      power[bin] = spectrum[part]! * spectrum[part]! + spectrum[part + 1]! * spectrum[part + 1]!;
    use(power, frame);
  }
}

/** x[n] - c · x[n - 1], where the sample before the first is taken to equal it. */
function emphasized(samples: Float32Array, factor: number): Float32Array {
  if (factor === 0) return samples;
  const output = new Float32Array(samples.length);
  output[0] = samples[0]! - factor * samples[0]!;
  for (let index = 1; index < samples.length; index++) output[index] = samples[index]! - factor * samples[index - 1]!;
  return output;
}

/** Samples with what lies beyond the ends: frame t begins at t · hop of them. */
function withEnds(samples: Float32Array, { windowLength, padding }: Framing): Float32Array {
  if (padding === 'none') return samples;
  const beyond = Math.ceil(windowLength / 2);
  const output = new Float32Array(samples.length + 2 * beyond);
  output.set(samples, beyond);
  if (padding === 'reflect') {
    const last = samples.length - 1;
    for (let distance = 1; distance <= beyond; distance++) {
      output[beyond - distance] = samples[distance]!;
      output[beyond + last + distance] = samples[last - distance]!;
    }
  }
  return output;
}
