import { type ScratchArray, UserError } from '@motley/run';
import type { NdArray } from './array.ts';

/** A checkpoint's arrays by name. */
export type StoredArrays = Readonly<Record<string, ScratchArray>>;

/**
 * Arrays of a network or an optimizer, for a checkpoint.
 * @param how `copied` protects them from later updates
 */
export function storedArrays(arrays: ReadonlyMap<string, NdArray>, how?: 'copied'): StoredArrays {
  return Object.fromEntries(
    [...arrays].map(([name, { shape, values }]) => [
      name,
      { shape, values: how === undefined ? values : values.slice() },
    ]),
  );
}

/**
 * Copies a checkpoint's arrays into those of a network or an optimizer.
 * @param what names them in messages
 * @throws UserError naming the array that is missing, unexpected or of another shape
 */
export function restoreArrays(arrays: ReadonlyMap<string, NdArray>, stored: StoredArrays, what: string): void {
  const unexpected = Object.keys(stored).find((name) => !arrays.has(name));
  if (unexpected !== undefined)
    throw new UserError(`${what}: expected only arrays of the configured network, found "${unexpected}"`);
  for (const [name, { shape, values }] of arrays) {
    const found = stored[name];
    if (found === undefined) throw new UserError(`${what}: expected "${name}" [${shape.join(', ')}], found none`);
    if (found.shape.join() !== shape.join() || !(found.values instanceof Float32Array))
      throw new UserError(
        `${what}: expected "${name}" float32 [${shape.join(', ')}], found ${found.values.constructor.name} [${found.shape.join(', ')}]`,
      );
    values.set(found.values);
  }
}
