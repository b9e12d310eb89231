import { UserError } from '../config/errors.ts';
import { decodeSafetensors } from './safetensors.ts';
import type { ScratchArray } from './stored-values.ts';

/**
 * The arrays of a safetensors file.
 * @param name the file's name, for messages
 * @throws UserError where the file is damaged, or holds something other than F32, F64 and I32
 */
export function decodeArrays(bytes: Uint8Array, name: string): Record<string, ScratchArray> {
  const arrays: Record<string, ScratchArray> = {};
  for (const [key, { dtype, shape, values }] of decodeSafetensors(bytes, name).tensors) {
    if (dtype !== 'F32' && dtype !== 'F64' && dtype !== 'I32')
      throw new UserError(`${name}: "${key}" expected to be F32, F64 or I32, found ${dtype}`);
    arrays[key] = { shape, values };
  }
  return arrays;
}
