/**
 * Values in [-1, 1) by a hash of the place, the same in every language: `noise` of each `reference.py` has them, so that
 * weights and pictures of a twin need not be stored.
 */
export function hashNoise(seed: number, shape: readonly number[]): Float32Array {
  const length = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length }, (_, place) => {
    let x = (Math.imul(place, 0x9e3779b1) + Math.imul(seed, 0x85ebca6b)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    x ^= x >>> 16;
    return (x >>> 0) / 2 ** 31 - 1;
  });
}
