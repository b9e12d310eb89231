import { shown, UserError } from '../config/errors.ts';
import { decodeSafetensors, encodeSafetensors, type SafetensorsEntry } from './safetensors.ts';

/** An array of numbers with its shape, row-major. */
export interface StoredArray {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | Int32Array;
}

/** Arrays by name: a network's parameters, or an optimizer's slots. */
export type NamedArrays = Readonly<Record<string, StoredArray>>;

/** Encodes arrays as a safetensors file. */
export function encodeArrays(arrays: NamedArrays): Uint8Array {
  const entries = Object.entries(arrays).map(([name, { shape, values }]) => {
    const dtype = values instanceof Int32Array ? 'I32' : values instanceof Float32Array ? 'F32' : 'F64';
    return [name, { dtype, shape, values } as SafetensorsEntry] as const;
  });
  return encodeSafetensors(new Map(entries));
}

/**
 * Decodes a safetensors file. The arrays are copies.
 * @param name file name, for messages
 * @throws UserError where the file is damaged, or holds a type other than F32, F64 or I32
 */
export function decodeArrays(bytes: Uint8Array, name: string): Record<string, StoredArray> {
  const arrays: [string, StoredArray][] = [];
  for (const [key, { dtype, shape, values }] of decodeSafetensors(bytes, name).tensors) {
    if (dtype !== 'F32' && dtype !== 'F64' && dtype !== 'I32')
      throw new UserError(`${name}: ${shown(key)} expected to be F32, F64 or I32, found ${dtype}`);
    arrays.push([key, { shape, values }]);
  }
  return Object.fromEntries(arrays);
}

/**
 * Copies arrays into others of the same names, shapes and types.
 * @param what name of the arrays, for messages
 * @throws UserError naming an array that is missing, unexpected, or of another shape or type
 */
export function copyArrays(target: NamedArrays, source: NamedArrays, what: string): void {
  const unknown = Object.keys(source).find((name) => !Object.hasOwn(target, name));
  if (unknown !== undefined)
    throw new UserError(`${what}: expected those of the configuration, found ${shown(unknown)} too`);
  for (const [name, { shape, values }] of Object.entries(target)) {
    const found = Object.hasOwn(source, name) ? source[name] : undefined;
    const wanted = `${shown(name)} ${typeOf(values)} [${shape.join(', ')}]`;
    if (found === undefined) throw new UserError(`${what}: expected ${wanted}, found none`);
    if (found.shape.join() !== shape.join() || found.values.constructor !== values.constructor)
      throw new UserError(`${what}: expected ${wanted}, found ${typeOf(found.values)} [${found.shape.join(', ')}]`);
    values.set(found.values);
  }
}

function typeOf(values: StoredArray['values']): string {
  return values.constructor.name.replace('Array', '').toLowerCase();
}
