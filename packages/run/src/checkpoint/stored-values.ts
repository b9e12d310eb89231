import { encodeSafetensors, type SafetensorsEntry } from './safetensors.ts';

/** What a package without tensors keeps its numbers in: `shape`, and the values row-major. */
export interface ScratchArray {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | Int32Array;
}

/** What a checkpoint can keep: a tensor, or an array. */
export type StoredValue = TensorLike | ScratchArray;

interface TensorLike {
  readonly dtype: string;
  readonly shape: readonly number[];
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
  dispose(): void;
}

/** The values on the host. */
export async function valuesOf(source: StoredValue): Promise<Float32Array | Float64Array | Int32Array | Uint8Array> {
  return 'values' in source ? source.values : source.data();
}

/**
 * Tensors (float32, int32 or bool) or arrays as the bytes of a safetensors file.
 * @throws Error for another dtype
 */
export async function encodeTensors(
  values: Readonly<Record<string, StoredValue>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const entries = await Promise.all(
    Object.entries(values).map(async ([name, each]) => [name, await entryOf(name, each)] as const),
  );
  return encodeSafetensors(new Map(entries), metadata);
}

const ENTRY_DTYPES: Readonly<Record<string, SafetensorsEntry['dtype']>> = {
  float32: 'F32',
  float64: 'F64',
  int32: 'I32',
  bool: 'BOOL',
};

async function entryOf(name: string, source: StoredValue): Promise<SafetensorsEntry> {
  const dtype = ENTRY_DTYPES[dtypeOf(source)];
  if (dtype === undefined)
    throw new Error(`checkpoint: "${name}" expected float32, int32 or bool, got ${dtypeOf(source)}`);
  return { dtype, shape: source.shape, values: await valuesOf(source) } as SafetensorsEntry;
}

function dtypeOf(source: StoredValue): string {
  if ('dtype' in source) return source.dtype;
  if (source.values instanceof Int32Array) return 'int32';
  return source.values instanceof Float32Array ? 'float32' : 'float64';
}
