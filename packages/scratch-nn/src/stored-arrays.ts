import { type ScratchArray, UserError } from '@motley/run';
import type { NdArray } from './array.ts';

/** Arrays by name, as checkpoints have them. */
export type StoredArrays = Readonly<Record<string, ScratchArray>>;

/** What a network or an optimiser has, for a checkpoint; `copied` where it is to stay as it is. */
export function storedArrays(arrays: ReadonlyMap<string, NdArray>, how?: 'copied'): StoredArrays {
  return Object.fromEntries(
    [...arrays].map(([name, { shape, values }]) => [
      name,
      { shape, values: how === undefined ? values : values.slice() },
    ]),
  );
}

/**
 * Puts a checkpoint's arrays into those of a network or an optimiser.
 * @throws UserError naming the array that is missing, of another shape, or one too many
 */
export function restoreArrays(arrays: ReadonlyMap<string, NdArray>, stored: StoredArrays, what: string): void {
  const strange = Object.keys(stored).find((name) => !arrays.has(name));
  if (strange !== undefined)
    throw new UserError(`${what}: expected those of the configuration, found "${strange}" too`);
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
