import { decodeSafetensors, encodeSafetensors, type SafetensorsEntry, shown, UserError } from '@motley/run';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Decodes the tensors of a safetensors file. The caller owns them. Floats of 16 and 64 bits become float32; integers of
 * other sizes (PyTorch's `num_batches_tracked` has 64 bits) become int32.
 * @param name file name, for messages
 * @throws UserError where the file is damaged, or holds an unsupported dtype or an integer outside int32
 */
export function decodeTensors(bytes: Uint8Array, name: string): Record<string, Tensor> {
  const entries = [...decodeSafetensors(bytes, name).tensors].map(
    ([key, entry]) => [key, narrowed(entry, key, name)] as const,
  );
  return Object.fromEntries(entries.map(([key, entry]) => [key, tensorOf(entry)]));
}

/** An entry as float32, int32 or bool. */
function narrowed(entry: SafetensorsEntry, key: string, name: string): SafetensorsEntry {
  const { shape } = entry;
  switch (entry.dtype) {
    case 'F64':
      return { dtype: 'F32', shape, values: Float32Array.from(entry.values) };
    case 'U8':
      return { dtype: 'I32', shape, values: Int32Array.from(entry.values) };
    case 'I64': {
      const large = entry.values.find((value) => BigInt.asIntN(32, value) !== value);
      if (large !== undefined)
        throw new UserError(`${name}: ${shown(key)} expected integers of 32 bits, found ${large.toString()}`);
      return { dtype: 'I32', shape, values: Int32Array.from(entry.values, Number) };
    }
    default:
      return entry;
  }
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
