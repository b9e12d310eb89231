import type { RandomStream } from '../../random/random-stream.ts';

/**
 * Random 32-bit words by xoshiro128** (Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021), for
 * noise on every pixel, where a stream's own words would cost more than the picture. A function of the stream.
 * @param output overwritten, and returned
 */
export function fastWords(random: RandomStream, output: Int32Array): Int32Array {
  const state = random.words(4);
  let a = state[0]! | 0;
  let b = state[1]! | 0;
  let c = state[2]! | 0;
  // All zero is the one state that it does not leave.
  let d = state[3]! | 1;
  for (let index = 0; index < output.length; index++) {
    const scrambled = Math.imul(b, 5);
    output[index] = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
  }
  return output;
}
