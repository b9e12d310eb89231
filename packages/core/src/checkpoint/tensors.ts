import { decodeSafetensors, encodeSafetensors, type SafetensorsEntry, shown, UserError } from '@motley/run';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Decodes the tensors of a safetensors file. The caller owns them. int64 (PyTorch's `num_batches_tracked`) becomes
 * int32.
 * @param name file name, for messages
 * @throws UserError where the file is damaged, or holds an unsupported dtype or an integer outside int32
 */
export function decodeTensors(bytes: Uint8Array, name: string): Record<string, Tensor> {
  const entries = [...decodeSafetensors(bytes, name).tensors];
  const other = entries.find(([, { dtype }]) => dtype === 'U8' || dtype === 'F64');
  if (other !== undefined)
    throw new UserError(`${name}: ${shown(other[0])} expected to be F32, I32, I64 or BOOL, found ${other[1].dtype}`);
  const values = entries.map(([key, entry]) => {
    if (entry.dtype !== 'I64') return [key, entry] as const;
    const large = entry.values.find((value) => BigInt.asIntN(32, value) !== value);
    if (large !== undefined)
      throw new UserError(`${name}: ${shown(key)} expected integers of 32 bits, found ${large.toString()}`);
    return [key, { dtype: 'I32', shape: entry.shape, values: Int32Array.from(entry.values, Number) }] as const;
  });
  return Object.fromEntries(values.map(([key, entry]) => [key, tensorOf(entry)]));
}

function tensorOf({ dtype, shape, values }: SafetensorsEntry): Tensor {
  const tensorDtype = dtype === 'F32' ? 'float32' : dtype === 'I32' ? 'int32' : 'bool';
  return tensor(values as Float32Array | Int32Array | Uint8Array, [...shape], tensorDtype);
}

const DTYPES: Readonly<Record<string, SafetensorsEntry['dtype']>> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };

/**
 * Encodes tensors (float32, int32 or bool) as a safetensors file.
 * @throws Error naming a tensor of another dtype
 */
export async function encodeTensors(tensors: Readonly<Record<string, Tensor>>): Promise<Uint8Array> {
  const entries = Object.entries(tensors).map(async ([name, each]) => {
    const dtype = DTYPES[each.dtype];
    if (dtype === undefined)
      throw new Error(`checkpoint: "${name}" expected float32, int32 or bool, got ${each.dtype}`);
    return [name, { dtype, shape: each.shape, values: await each.data() } as SafetensorsEntry] as const;
  });
  return encodeSafetensors(new Map(await Promise.all(entries)));
}
