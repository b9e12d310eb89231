import type { WebAssemblyMemory } from '@motley/webassembly';
import type * as tf from '@tensorflow/tfjs-core';

export type Numbers = Float32Array | Int32Array | Uint8Array;

/** Part of TensorFlow.js's backend that own kernels use; whose class is not exported. */
export interface WasmBackend {
  readonly wasm: { readonly asm?: { readonly memory?: WebAssemblyMemory } };
  readonly dataIdMap: tf.DataStorage<{ dtype: tf.DataType }>;
  /** A new tensor, whose numbers are not set. */
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  /** The numbers of a tensor in WebAssembly's memory. They move with the next allocation. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Numbers;
  disposeData(dataId: object): boolean;
}

/**
 * A tensor that `fill` computes on typed arrays, which are views of WebAssembly's memory until `fill` allocates: their
 * `byteOffset` is the address of the numbers.
 */
export function createOutput(
  backend: unknown,
  shape: readonly number[],
  dtype: tf.DataType,
  fill: (output: Numbers, view: (tensor: tf.TensorInfo) => Numbers) => void,
): tf.TensorInfo {
  const wasm = backend as WasmBackend;
  const output = wasm.makeOutput(shape, dtype);
  fill(wasm.typedArrayFromHeap(output), (tensor) => wasm.typedArrayFromHeap(tensor));
  return output;
}

/** Calls `use` with memory for float64 numbers, which is then free again. */
export function withScratch<T>(backend: unknown, count: number, use: (scratch: Float64Array<ArrayBuffer>) => T): T {
  const wasm = backend as WasmBackend;
  const tensor = wasm.makeOutput([2 * count], 'float32');
  try {
    const { buffer, byteOffset } = wasm.typedArrayFromHeap(tensor);
    return use(new Float64Array(buffer as ArrayBuffer, byteOffset, count));
  } finally {
    wasm.disposeData(tensor.dataId);
  }
}
