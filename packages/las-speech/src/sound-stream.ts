import { resample } from '@motley/core/audio';
import { streamWav, toMono } from '@motley/core/node';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';

/**
 * Samples of a WAVE file as it arrives, 16 kHz, mono: those of `loadAudio`, a hundredth of a second later.
 * @throws UserError as `streamWav`
 */
export async function* streamSound(input: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Float32Array> {
  let resampler: StreamResampler | undefined;
  for await (const part of streamWav(input, name)) {
    resampler ??= new StreamResampler(part.sampleRateInHz);
    const samples = resampler.push(toMono(part).channels[0]!);
    if (samples.length > 0) yield samples;
  }
  const last = resampler?.end();
  if (last !== undefined && last.length > 0) yield last;
}

/** Half of the length of the filter of `resample`, in samples of the lower rate, rounded up. */
const REACH = 36;

/** Resamples sound that arrives in parts. The parts of the result are those of the whole, resampled at once. */
class StreamResampler {
  readonly #rateInHz: number;
  /** Input samples after which input and output samples coincide again, and the output samples of as many. */
  readonly #unit: number;
  readonly #outputUnit: number;
  /** Input samples on each side that an output sample depends on: whole units. */
  readonly #context: number;
  /** Input that is still needed. It begins with `#done` samples whose output is out. */
  #pending = new Float32Array(0);
  #done = 0;

  constructor(rateInHz: number) {
    this.#rateInHz = rateInHz;
    const divisor = greatestCommonDivisor(rateInHz, SAMPLE_RATE_IN_HZ);
    this.#unit = rateInHz / divisor;
    this.#outputUnit = SAMPLE_RATE_IN_HZ / divisor;
    const reach = REACH * Math.max(1, rateInHz / SAMPLE_RATE_IN_HZ);
    this.#context = this.#unit * Math.ceil(reach / this.#unit);
  }

  /** Adds samples. @returns what follows, as far as it is known */
  push(samples: Float32Array): Float32Array {
    if (this.#rateInHz === SAMPLE_RATE_IN_HZ) return samples;
    const longer = new Float32Array(this.#pending.length + samples.length);
    longer.set(this.#pending);
    longer.set(samples, this.#pending.length);
    this.#pending = longer;
    const units = Math.floor((longer.length - this.#done - this.#context) / this.#unit);
    if (units <= 0) return new Float32Array(0);
    const end = this.#done + units * this.#unit;
    const output = this.#outputOf(longer.subarray(0, end + this.#context), end);
    const kept = Math.min(end, this.#context);
    this.#pending = longer.slice(end - kept);
    this.#done = kept;
    return output;
  }

  /** The rest, after which there is silence. */
  end(): Float32Array {
    return this.#outputOf(this.#pending);
  }

  /** Output from the first open sample up to input sample `end`. */
  #outputOf(input: Float32Array, end?: number): Float32Array {
    const at = (sample: number): number => (sample / this.#unit) * this.#outputUnit;
    return resample(input, this.#rateInHz, SAMPLE_RATE_IN_HZ).slice(at(this.#done), end && at(end));
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
