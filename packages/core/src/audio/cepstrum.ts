import { checkFrames, type Frames } from './frames.ts';
import { logMel, type LogMelOptions } from './log-mel.ts';

export interface MfccOptions extends LogMelOptions {
  /** Number of coefficients, the first of which is the mean over bands times √bands. Default 15. */
  readonly coefficients?: number;
  /**
   * L in the factors 1 + L / 2 · sin(π · n / L) of the coefficients n = 0, 1, … (HTK, Kaldi), which lift high ones.
   * librosa counts n from 1. Default 0: none.
   */
  readonly lifter?: number;
}

/**
 * Mel-frequency cepstral coefficients [T, coefficients] (Davis & Mermelstein, 1980): the orthonormal cosine transform
 * (DCT-II) of `logMel`, here in decibels by default, as librosa and torchaudio have it.
 * @throws RangeError where `logMel` does, or there are more coefficients than bands
 */
export function mfcc(samples: Float32Array, sampleRateInHz: number, options: MfccOptions = {}): Frames {
  const { coefficients = 15, lifter = 0, ...ofLogMel } = options;
  const { values, count, width } = logMel(samples, sampleRateInHz, { unit: 'decibels', ...ofLogMel });
  if (!(Number.isSafeInteger(coefficients) && coefficients >= 1 && coefficients <= width))
    throw new RangeError(`mfcc: expected from 1 to ${width} coefficients, the number of bands, got ${coefficients}`);
  if (!(lifter >= 0)) throw new RangeError(`mfcc: expected a lifter of at least 0, got ${lifter}`);
  const basis = cosines(coefficients, width, lifter);
  const output = new Float32Array(count * coefficients);
  for (let frame = 0, end = 0; frame < count; frame++) {
    for (let row = 0; row < coefficients; row++, end++) {
      let sum = 0;
      for (let band = 0; band < width; band++) sum += basis[row * width + band]! * values[frame * width + band]!;
      output[end] = sum;
    }
  }
  return { values: output, count, width: coefficients };
}

/** Rows of the orthonormal DCT-II, times the factors of the lifter [coefficients, bands]. */
function cosines(coefficients: number, bands: number, lifter: number): Float64Array {
  const basis = new Float64Array(coefficients * bands);
  for (let row = 0; row < coefficients; row++) {
    const lifted = lifter === 0 ? 1 : 1 + (lifter / 2) * Math.sin((Math.PI * row) / lifter);
    const scale = lifted * Math.sqrt((row === 0 ? 1 : 2) / bands);
    for (let band = 0; band < bands; band++)
      basis[row * bands + band] = scale * Math.cos((Math.PI * row * (2 * band + 1)) / (2 * bands));
  }
  return basis;
}

export interface DeltaOptions {
  /** 1 adds the slopes, 2 also the slopes of the slopes. Default 2. */
  readonly order?: 1 | 2;
  /** Number of frames over which a slope is measured, odd. Default 5. */
  readonly window?: number;
  /**
   * 'regression', the default: Σ n (c[t + n] - c[t - n]) / 2 Σ n², beyond the ends the first and the last frame
   * (HTK, torchaudio); applied twice for order 2. 'polynomial': derivatives of the parabola or line that fits the
   * window best, at the ends those of the first and the last whole window (Savitzky & Golay, 1964; librosa, whose
   * window is 9).
   */
  readonly method?: 'regression' | 'polynomial';
}

/**
 * Frames with their change over time beside them: [T, D (1 + order)], first the features, then their first, then
 * their second derivatives, by frame.
 * @throws RangeError where the window is not an odd integer of at least 3, or longer than the frames of 'polynomial'
 */
export function withDeltas(frames: Frames, options: DeltaOptions = {}): Frames {
  checkFrames('withDeltas', frames);
  const { order = 2, window = 5, method = 'regression' } = options;
  if (!(Number.isSafeInteger(window) && window >= 3 && window % 2 === 1))
    throw new RangeError(`withDeltas: expected an odd window of at least 3 frames, got ${window}`);
  if (method === 'polynomial' && frames.count < window)
    throw new RangeError(`withDeltas: expected at least ${window} frames, one window, got ${frames.count}`);
  const { values, count, width } = frames;
  const parts = [values];
  const line = lineWeights(window);
  if (method === 'regression')
    for (let part = 0; part < order; part++) parts.push(filteredWithRepeats(parts[part]!, count, width, line));
  else {
    parts.push(filteredInside(values, count, width, line));
    if (order === 2) parts.push(filteredInside(values, count, width, parabolaWeights(window)));
  }
  const output = new Float32Array(count * width * parts.length);
  for (let frame = 0, end = 0; frame < count; frame++) {
    for (const part of parts) {
      output.set(part.subarray(frame * width, (frame + 1) * width), end);
      end += width;
    }
  }
  return { values: output, count, width: width * parts.length };
}

/** Weights that give the slope of the line that fits a window best. */
function lineWeights(window: number): Float64Array {
  const half = (window - 1) / 2;
  const places = Float64Array.from({ length: window }, (_, index) => index - half);
  const squares = places.reduce((sum, place) => sum + place ** 2, 0);
  return places.map((place) => place / squares);
}

/** Weights that give the second derivative of the parabola that fits a window best. */
function parabolaWeights(window: number): Float64Array {
  const half = (window - 1) / 2;
  const squares = Float64Array.from({ length: window }, (_, index) => (index - half) ** 2);
  const mean = squares.reduce((sum, square) => sum + square, 0) / window;
  const deviation = squares.reduce((sum, square) => sum + (square - mean) ** 2, 0);
  return squares.map((square) => (2 * (square - mean)) / deviation);
}

/** Weighted sums around each frame. The first and the last frame stand for those beyond the ends. */
function filteredWithRepeats(values: Float32Array, count: number, width: number, weights: Float64Array): Float32Array {
  const half = (weights.length - 1) / 2;
  const output = new Float32Array(values.length);
  for (let frame = 0; frame < count; frame++)
    for (let tap = 0; tap < weights.length; tap++) {
      const source = Math.min(Math.max(frame + tap - half, 0), count - 1) * width;
      for (let feature = 0; feature < width; feature++)
        output[frame * width + feature]! += weights[tap]! * values[source + feature]!;
    }
  return output;
}

/** Weighted sums over whole windows. Frames near the ends have those of the nearest whole window. */
function filteredInside(values: Float32Array, count: number, width: number, weights: Float64Array): Float32Array {
  const half = (weights.length - 1) / 2;
  const output = new Float32Array(values.length);
  for (let frame = 0; frame < count; frame++) {
    const first = (Math.min(Math.max(frame, half), count - 1 - half) - half) * width;
    for (let tap = 0; tap < weights.length; tap++)
      for (let feature = 0; feature < width; feature++)
        output[frame * width + feature]! += weights[tap]! * values[first + tap * width + feature]!;
  }
  return output;
}
