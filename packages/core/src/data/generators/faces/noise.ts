/** Smooth noise from 0 to 1: hashed values at integer places, interpolated. */
export function valueNoise(x: number, y: number, seed: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const [u, v] = [smooth(x - left), smooth(y - top)];
  const above = hashed(left, top, seed) * (1 - u) + hashed(left + 1, top, seed) * u;
  const below = hashed(left, top + 1, seed) * (1 - u) + hashed(left + 1, top + 1, seed) * u;
  return above + (below - above) * v;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

/** Mixes three integers (the finalizer of MurmurHash3, Appleby, 2011) to a number from 0 to 1. */
function hashed(x: number, y: number, seed: number): number {
  let hash = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77) ^ Math.imul(seed, 0xc2b2ae3d);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) * 2 ** -32;
}
