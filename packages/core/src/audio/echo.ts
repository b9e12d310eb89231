import { RealFft, powerOfTwoFrom } from './fft.ts';
import { checkSamples } from './frames.ts';
import { powerOf } from './levels.ts';

const SHORTEST_TRANSFORM = 4096;

/**
 * Convolution y[n] = Σ kernel[k] · x[n - k] by Fourier transforms of blocks (overlap-add).
 * @returns `samples.length + kernel.length - 1` samples
 * @throws RangeError where samples are missing or not finite
 */
export function convolve(samples: Float32Array, kernel: Float32Array): Float32Array {
  checkSamples('convolve', samples);
  checkSamples('convolve', kernel);
  const length = samples.length + kernel.length - 1;
  // Blocks of at least three kernels waste at most a third of each transform.
  const fft = RealFft.ofLength(
    powerOfTwoFrom(Math.min(Math.max(length, 2), Math.max(4 * kernel.length, SHORTEST_TRANSFORM))),
  );
  const { spectrum } = fft;
  const buffer = new Float64Array(fft.length);
  buffer.set(kernel);
  fft.forward(buffer);
  const response = spectrum.slice();
  const block = fft.length - kernel.length + 1;
  const output = new Float32Array(length);
  for (let first = 0; first < samples.length; first += block) {
    const part = samples.subarray(first, first + block);
    buffer.fill(0, part.length);
    buffer.set(part);
    fft.forward(buffer);
    for (let index = 0; index < spectrum.length; index += 2) {
      const real = spectrum[index]! * response[index]! - spectrum[index + 1]! * response[index + 1]!;
      spectrum[index + 1] = spectrum[index]! * response[index + 1]! + spectrum[index + 1]! * response[index]!;
      spectrum[index] = real;
    }
    fft.inverse(buffer);
    const end = Math.min(part.length + kernel.length - 1, length - first);
    for (let index = 0; index < end; index++) output[first + index]! += buffer[index]!;
  }
  return output;
}

export interface EchoOptions {
  /** Whether the echo goes on after the sound's end. Default false: as many samples as before. */
  readonly tail?: boolean;
}

/**
 * Sound as it is heard in a room: the convolution with the room's impulse response, at the power that the sound had.
 * @param response as of `roomResponse`, which begins with the direct sound: nothing is moved in time
 * @throws RangeError where samples are missing or not finite
 */
export function addEcho(
  samples: Float32Array,
  response: Float32Array,
  { tail = false }: EchoOptions = {},
): Float32Array {
  const heard = convolve(samples, response);
  const output = tail ? heard : heard.slice(0, samples.length);
  const [before, after] = [powerOf(samples) * samples.length, powerOf(output) * output.length];
  if (after === 0) return output;
  const factor = Math.sqrt(before / after);
  for (let index = 0; index < output.length; index++) output[index]! *= factor;
  return output;
}
