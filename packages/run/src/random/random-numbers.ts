import { philox } from './philox.ts';

/** State of a stream, as JSON. */
export interface RandomState {
  readonly key: readonly [number, number];
  readonly position: number;
}

const FORK_TAG = 0x464f524b;
const WORD = 2 ** 32;
const WORDS_PER_BLOCK = 4;

/**
 * Counter-based random numbers: the same on every machine for the same seed, forked by name, restored from a state.
 * Every draw starts at a new block of four words, so a draw depends on the sizes of earlier draws but not on their
 * kind.
 */
export class RandomNumbers {
  protected readonly key: readonly [number, number];
  #position: number;

  constructor(state: RandomState) {
    const numbers = [...state.key, state.position];
    if (numbers.length !== 3 || numbers.some((number) => !Number.isSafeInteger(number) || number < 0))
      throw new RangeError(`random state: expected two words and a position, got ${JSON.stringify(state)}`);
    this.key = [state.key[0] >>> 0, state.key[1] >>> 0];
    this.#position = state.position;
  }

  /** @throws RangeError where the seed is not an integer between 0 and 2⁵³ - 1 */
  static fromSeed(seed: number): RandomNumbers {
    return new RandomNumbers(stateOfSeed(seed));
  }

  get state(): RandomState {
    return { key: [...this.key], position: this.#position };
  }

  /** Independent stream for `name`, the same whatever has been drawn from this one. */
  fork(name: string | number): RandomNumbers {
    return new RandomNumbers(this.stateOfFork(name));
  }

  /** Unsigned 32-bit words. */
  words(count: number): Uint32Array {
    const blocks = Math.ceil(count / WORDS_PER_BLOCK);
    const output = new Uint32Array(blocks * WORDS_PER_BLOCK);
    const counter = [0, 0, 0, 0];
    const first = this.advance(count);
    for (let block = 0; block < blocks; block++) {
      counter[0] = (first + block) % WORD;
      counter[1] = Math.floor((first + block) / WORD);
      philox(counter, this.key, output, block * WORDS_PER_BLOCK);
    }
    return output.subarray(0, count);
  }

  /** Float32 values in [low, high), 24 random bits each. */
  uniformValues(count: number, low = 0, high = 1): Float32Array {
    const scale = (high - low) * 2 ** -24;
    const words = this.words(count);
    const output = new Float32Array(count);
    for (let index = 0; index < count; index++) output[index] = low + (words[index]! >>> 8) * scale;
    return output;
  }

  /** Normally distributed float32 values (Box & Muller, 1958). */
  normalValues(count: number, mean = 0, standardDeviation = 1): Float32Array {
    const pairs = Math.ceil(count / 2);
    const words = this.words(pairs * 2);
    const output = new Float32Array(pairs * 2);
    for (let pair = 0; pair < pairs; pair++) {
      const radius = standardDeviation * Math.sqrt(-2 * Math.log((words[2 * pair]! + 1) / WORD));
      const angle = 2 * Math.PI * (words[2 * pair + 1]! / WORD);
      output[2 * pair] = mean + radius * Math.cos(angle);
      output[2 * pair + 1] = mean + radius * Math.sin(angle);
    }
    return output.subarray(0, count);
  }

  /** Unbiased integers in [low, high). */
  integers(count: number, low: number, high: number): Int32Array {
    const range = high - low;
    if (!Number.isInteger(range) || range < 1 || range > WORD)
      throw new RangeError(`random integers: expected low < high, 2³² apart at most, got ${low} and ${high}`);
    const limit = WORD - (WORD % range);
    const output = new Int32Array(count);
    for (let filled = 0; filled < count;) {
      for (const word of this.words(count - filled)) if (word < limit) output[filled++] = low + (word % range);
    }
    return output;
  }

  /** The integers from 0 to count - 1 in random order (Fisher & Yates, backwards). */
  permutation(count: number): Uint32Array {
    return this.shuffle(Uint32Array.from({ length: count }, (_, index) => index));
  }

  /** Shuffles in place, and returns the argument. */
  shuffle<Values extends unknown[] | Uint8Array | Int32Array | Uint32Array | Float32Array>(values: Values): Values {
    const words = this.words(Math.max(values.length - 1, 0));
    for (let last = values.length - 1; last > 0; last--) {
      // 32 bits scaled to the range: a bias below range / 2³².
      const other = Math.floor((words[last - 1]! / WORD) * (last + 1));
      [values[last], values[other]] = [values[other], values[last]];
    }
    return values;
  }

  protected stateOfFork(name: string | number): RandomState {
    const text = new TextEncoder().encode(`${typeof name}:${name}`);
    const bytes = new Uint8Array(Math.ceil((text.length + 1) / 16) * 16);
    bytes.set(text);
    bytes[text.length] = 0x80;
    const words = new DataView(bytes.buffer);
    const forkKey = [(this.key[0] ^ FORK_TAG) >>> 0, this.key[1]] as const;
    const hash = new Uint32Array(WORDS_PER_BLOCK);
    for (let offset = 0; offset < bytes.length; offset += 16) {
      for (let word = 0; word < WORDS_PER_BLOCK; word++) hash[word]! ^= words.getUint32(offset + word * 4, true);
      philox(hash, forkKey, hash);
    }
    return { key: [hash[0]!, hash[1]!], position: 0 };
  }

  /** Reserves the blocks for `count` words. Returns the number of the first one. */
  protected advance(count: number): number {
    const first = this.#position;
    this.#position += Math.ceil(count / WORDS_PER_BLOCK);
    return first;
  }
}

/** @throws RangeError where the seed is not an integer between 0 and 2⁵³ - 1 */
export function stateOfSeed(seed: number): RandomState {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`random seed: expected an integer of at least 0, got ${seed}`);
  return { key: [seed % WORD, Math.floor(seed / WORD)], position: 0 };
}
