import { UserError } from '@motley/run';

/** Length of audio as its header says it. */
export interface AnnouncedLength {
  /** Samples per channel. */
  readonly length: number;
  readonly channelCount: number;
  readonly sampleRateInHz: number;
}

/**
 * Refuses audio that is too long, before it is decoded.
 * @param path the file's name, for messages
 * @param maxSamples maximum number of samples of all channels together
 * @throws UserError naming the limit and the length
 */
export function checkLength(
  path: string,
  { length, channelCount, sampleRateInHz }: AnnouncedLength,
  maxSamples: number,
  maxSeconds: number,
): void {
  const seconds = length / sampleRateInHz;
  if (seconds > maxSeconds)
    throw new UserError(`${path}: expected at most ${maxSeconds} seconds of audio, found ${seconds.toFixed(1)}`);
  if (length * channelCount > maxSamples)
    throw new UserError(`${path}: expected at most ${maxSamples} samples, found ${length} in ${channelCount} channels`);
}

/** Concatenates arrays. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
