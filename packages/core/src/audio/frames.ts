/** Features of a sound, one row of numbers for each moment [T, D], row-major. */
export interface Frames {
  readonly values: Float32Array;
  /** T */
  readonly count: number;
  /** D */
  readonly width: number;
}

/** @throws RangeError where the number of values does not match the shape */
export function checkFrames(user: string, { values, count, width }: Frames): void {
  if (!(count >= 0 && width >= 1) || values.length !== count * width)
    throw new RangeError(
      `${user}: expected ${count * width} values for frames [${count}, ${width}], got ${values.length}`,
    );
}

/** @throws RangeError where there are no samples, or one is not finite */
export function checkSamples(user: string, samples: Float32Array): void {
  if (samples.length === 0) throw new RangeError(`${user}: expected samples, got none`);
  for (let index = 0; index < samples.length; index++)
    if (!Number.isFinite(samples[index]))
      throw new RangeError(`${user}: expected finite samples, got ${samples[index]} as number ${index}`);
}

/** @throws RangeError where a rate is not a positive integer */
export function checkRate(user: string, rateInHz: number): void {
  if (!Number.isSafeInteger(rateInHz) || rateInHz < 1)
    throw new RangeError(`${user}: expected an integer rate in Hz, got ${rateInHz}`);
}

export interface NormalizationOptions {
  /** Whether to divide by the standard deviation. Default true. */
  readonly variance?: boolean;
  /** Smallest standard deviation to divide by. Default 1e-5. */
  readonly smallestDeviation?: number;
}

/**
 * Cepstral mean and variance normalization by utterance: each feature has mean 0 and variance 1 over time (Viikki &
 * Laurila, 1998).
 * @throws RangeError where a value is not finite
 */
export function normalizeFrames(frames: Frames, options: NormalizationOptions = {}): Frames {
  checkFrames('normalizeFrames', frames);
  const { variance = true, smallestDeviation = 1e-5 } = options;
  const { values, count, width } = frames;
  const means = new Float64Array(width);
  for (let index = 0, feature = 0; index < values.length; index++) {
    means[feature]! += values[index]!;
    if (++feature === width) feature = 0;
  }
  for (let feature = 0; feature < width; feature++) means[feature]! /= Math.max(count, 1);
  const scales = new Float64Array(width);
  for (let index = 0, feature = 0; index < values.length; index++) {
    scales[feature]! += (values[index]! - means[feature]!) ** 2;
    if (++feature === width) feature = 0;
  }
  if (!scales.every(Number.isFinite)) {
    const index = values.findIndex((value) => !Number.isFinite(value));
    throw new RangeError(`normalizeFrames: expected finite values, got ${values[index]} as number ${index}`);
  }
  for (let feature = 0; feature < width; feature++)
    scales[feature] = variance ? 1 / Math.max(smallestDeviation, Math.sqrt(scales[feature]! / count)) : 1;
  const output = new Float32Array(values.length);
  for (let index = 0, feature = 0; index < values.length; index++) {
    output[index] = (values[index]! - means[feature]!) * scales[feature]!;
    if (++feature === width) feature = 0;
  }
  return { values: output, count, width };
}

export interface StackOptions {
  /** Number of frames before each that are joined to it. Default 0. */
  readonly before?: number;
  /** Number of frames after each that are joined to it. Default 0. */
  readonly after?: number;
  /** Number of frames from one result to the next. Default 1, all of them. */
  readonly step?: number;
}

/**
 * Joins neighbouring frames to wide ones [ceil(T / step), D (before + 1 + after)]. The first and the last frame are
 * repeated beyond the ends.
 * @throws RangeError where a number of frames is not an integer, or the step is below 1
 */
export function stackFrames(frames: Frames, { before = 0, after = 0, step = 1 }: StackOptions): Frames {
  checkFrames('stackFrames', frames);
  const sizes = [before, after, step - 1];
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new RangeError(
      `stackFrames: expected integers of at least 0 before and after and a step of at least 1, got ${before}, ${after} and ${step}`,
    );
  const { values, width } = frames;
  const joined = before + 1 + after;
  const count = Math.ceil(frames.count / step);
  const output = new Float32Array(count * joined * width);
  for (let frame = 0, end = 0; frame < count; frame++) {
    for (let offset = -before; offset <= after; offset++, end += width) {
      const source = Math.min(Math.max(frame * step + offset, 0), frames.count - 1);
      output.set(values.subarray(source * width, (source + 1) * width), end);
    }
  }
  return { values: output, count, width: joined * width };
}
