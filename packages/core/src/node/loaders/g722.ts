import { UserError } from '@motley/run';
import { checkLength } from './lengths.ts';
import type { Audio } from './wav.ts';

const SAMPLE_RATE_IN_HZ = 16_000;

/** Multipliers of the scale factor for the lower band's codes of 6 bits (ITU-T G.722, table 12). */
const lowerOutputs = Int32Array.from([
  -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
  -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808,
  21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008,
  3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
]);
/** Multipliers for the four upper bits of those codes, which adapt the predictor (table 10). */
const lowerAdaptations = Int32Array.from([
  0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0,
]);
/** Changes of the scale's logarithm by those four bits (tables 9 and 13). */
const lowerLogChanges = Int32Array.from([
  -60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60,
]);
/** The same for the upper band's codes of 2 bits (tables 11, 14 and 16). */
const upperOutputs = Int32Array.of(-7408, -1616, 7408, 1616);
const upperLogChanges = Int32Array.of(798, -214, 798, -214);
/** Fractional powers of two: 2^(11 + i / 32) (table 15). */
const powers = Int32Array.from({ length: 32 }, (_, index) => Math.round(2 ** (11 + index / 32)));
/** One half of the symmetric quadrature mirror filter (table 4). */
const FILTER_HALF = Object.freeze([3, -11, -11, 53, 12, -156, 32, 362, -210, -805, 951, 3876]);
const TAPS = 2 * FILTER_HALF.length;
const filter = Int32Array.from({ length: TAPS }, (_, tap) => FILTER_HALF[Math.min(tap, TAPS - 1 - tap)]!);

const to16Bits = (value: number): number => (value > 32767 ? 32767 : value < -32768 ? -32768 : value);
/** Product of two numbers of 16 bits, of which one counts in units of 2⁻¹⁵. */
const scaled = (value: number, factor: number): number => (value * factor) >> 15;

/** Constants in which the two bands' decoders differ. */
interface BandSettings {
  readonly logChanges: Int32Array;
  readonly maxLog: number;
  /** Power of two that a scale's logarithm of 0 stands for, counted downward. */
  readonly shift: number;
  readonly firstScale: number;
}

/** Decoder of one band: an adaptive quantizer, and a predictor of two poles and six zeros (section 6.2). */
class Band {
  readonly #settings: BandSettings;
  readonly #zeros = new Int32Array(6);
  readonly #differences = new Int32Array(6);
  #pole1 = 0;
  #pole2 = 0;
  #output1 = 0;
  #output2 = 0;
  #sum1 = 0;
  #sum2 = 0;
  #zeroSignal = 0;
  #log = 0;
  /** Scale of the quantizer's step. */
  scale: number;
  /** Prediction of the next sample. */
  signal = 0;

  constructor(settings: BandSettings) {
    this.#settings = settings;
    this.scale = settings.firstScale;
  }

  /**
   * Adapts scale and predictor to a code.
   * @param code index into the changes of the scale
   * @param difference the quantized difference of that code
   */
  adapt(code: number, difference: number): void {
    this.#predict(difference);
    const { logChanges, maxLog, shift } = this.#settings;
    const log = ((this.#log * 127) >> 7) + logChanges[code]!;
    this.#log = Math.min(Math.max(log, 0), maxLog);
    const power = powers[(this.#log >> 6) & 31]!;
    const exponent = shift - (this.#log >> 11);
    this.scale = (exponent < 0 ? power << -exponent : power >> exponent) << 2;
  }

  #predict(difference: number): void {
    const output = to16Bits(this.signal + difference);
    const sum = to16Bits(this.#zeroSignal + difference);
    const isSame1 = sum < 0 === this.#sum1 < 0;
    const isSame2 = sum < 0 === this.#sum2 < 0;
    const pole1 = this.#pole1;
    const quadrupled = to16Bits(4 * pole1);
    const turned = isSame1 ? to16Bits(-quadrupled) : quadrupled;
    const pole2 = (isSame2 ? 128 : -128) + (turned >> 7) + scaled(this.#pole2, 32512);
    this.#pole2 = Math.min(Math.max(pole2, -12288), 12288);
    const limit = 15360 - this.#pole2;
    this.#pole1 = Math.min(Math.max((isSame1 ? 192 : -192) + scaled(pole1, 32640), -limit), limit);
    this.#adaptZeros(difference);
    this.#output2 = this.#output1;
    this.#output1 = output;
    this.#sum2 = this.#sum1;
    this.#sum1 = sum;
    const poleSignal =
      scaled(to16Bits(2 * this.#output1), this.#pole1) + scaled(to16Bits(2 * this.#output2), this.#pole2);
    this.signal = to16Bits(poleSignal + this.#zeroSignal);
  }

  #adaptZeros(difference: number): void {
    const zeros = this.#zeros;
    const differences = this.#differences;
    const step = difference === 0 ? 0 : 128;
    let next = difference;
    let sum = 0;
    for (let index = 0; index < 6; index++) {
      const earlier = differences[index]!;
      const change = difference < 0 === earlier < 0 ? step : -step;
      zeros[index] = to16Bits(change + scaled(zeros[index]!, 32640));
      differences[index] = next;
      sum += scaled(to16Bits(2 * next), zeros[index]!);
      next = earlier;
    }
    this.#zeroSignal = to16Bits(sum);
  }
}

/** Cuts to 15 bits. */
const limited = (value: number): number => (value > 16383 ? 16383 : value < -16384 ? -16384 : value);

/**
 * Decodes G.722 of 64 kbit/s (ITU-T G.722, mode 1): two bands of adaptive differences, joined by a quadrature mirror
 * filter. Each byte gives two samples at 16 kHz. The format has no header, and every byte is valid.
 * @param path the file's name, for messages
 * @param maxSamples maximum number of samples
 * @param maxSeconds maximum length
 * @throws UserError if the file is empty or too long
 */
export function decodeG722(bytes: Uint8Array, path: string, maxSamples: number, maxSeconds = Infinity): Audio {
  if (bytes.length === 0) throw new UserError(`${path}: expected G.722 audio, found an empty file`);
  const length = 2 * bytes.length;
  checkLength(path, { length, channelCount: 1, sampleRateInHz: SAMPLE_RATE_IN_HZ }, maxSamples, maxSeconds);
  const samples = new Float32Array(length);
  const lower = new Band({ logChanges: lowerLogChanges, maxLog: 18432, shift: 8, firstScale: 32 });
  const upper = new Band({ logChanges: upperLogChanges, maxLog: 22528, shift: 10, firstScale: 8 });
  // Each pair is written twice, so that the last 24 values lie in a row at any place of the ring.
  const ring = new Int32Array(2 * TAPS);
  for (let index = 0, place = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    const code = byte & 0x3f;
    const low = limited(lower.signal + scaled(lower.scale, lowerOutputs[code]!));
    lower.adapt(code >> 2, scaled(lower.scale, lowerAdaptations[code >> 2]!));
    const upperDifference = scaled(upper.scale, upperOutputs[byte >> 6]!);
    const high = limited(upper.signal + upperDifference);
    upper.adapt(byte >> 6, upperDifference);
    ring[place] = ring[place + TAPS] = low + high;
    ring[place + 1] = ring[place + TAPS + 1] = low - high;
    place = (place + 2) % TAPS;
    let first = 0;
    let second = 0;
    for (let tap = 0; tap < TAPS; tap += 2) {
      second += ring[place + tap]! * filter[tap]!;
      first += ring[place + tap + 1]! * filter[tap + 1]!;
    }
    samples[2 * index] = to16Bits(first >> 11) / 2 ** 15;
    samples[2 * index + 1] = to16Bits(second >> 11) / 2 ** 15;
  }
  return { sampleRateInHz: SAMPLE_RATE_IN_HZ, channels: [samples] };
}
