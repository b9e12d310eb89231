import * as tf from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernels.ts';
import { assembledKernels, BLOCK, type Extreme } from './assembled.ts';
import { forEachRow } from './broadcasting.ts';
import { createOutput, type WasmBackend } from './memory.ts';

function clip(x: tf.TensorInfo, backend: unknown, low: number, high: number): tf.TensorInfo {
  const kernels = x.dtype === 'float32' ? assembledKernels(backend as WasmBackend) : undefined;
  return createOutput(backend, x.shape, x.dtype, (output, view) => {
    const numbers = view(x);
    const blocks = kernels === undefined ? 0 : Math.floor(numbers.length / BLOCK);
    if (blocks > 0) kernels!.clip(numbers.byteOffset, output.byteOffset, blocks, low, high);
    for (let index = blocks * BLOCK; index < numbers.length; index++)
      output[index] = Math.min(Math.max(numbers[index]!, low), high);
  });
}

/** The stock kernel turns NaN into a bound. */
export function clipByValue({ inputs, attrs, backend }: KernelCall): tf.TensorInfo {
  const { clipValueMin, clipValueMax } = attrs as unknown as { clipValueMin: number; clipValueMax: number };
  return clip(inputs.x!, backend, clipValueMin, clipValueMax);
}

/** The stock kernel turns NaN into 0. */
export function relu6({ inputs, backend }: KernelCall): tf.TensorInfo {
  return clip(inputs.x!, backend, 0, 6);
}

/** The stock kernel turns NaN with a sign, which processors compute, into 0. */
export function relu({ inputs, backend }: KernelCall): tf.TensorInfo {
  return clip(inputs.x!, backend, 0, Infinity);
}

/** The larger or the smaller of two numbers, and NaN where one is NaN. The stock kernels turn some NaN into numbers. */
export function extreme(name: Extreme): (call: KernelCall) => tf.TensorInfo {
  const of = name === 'maximum' ? Math.max : Math.min;
  return ({ inputs, backend }) => {
    const { a, b } = inputs as Record<'a' | 'b', tf.TensorInfo>;
    const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const kernels = a.dtype === 'float32' ? assembledKernels(backend as WasmBackend) : undefined;
    return createOutput(backend, shape, a.dtype, (output, view) => {
      const [first, second] = [view(a), view(b)];
      const bytes = output.BYTES_PER_ELEMENT;
      forEachRow(shape, a.shape, b.shape, ({ start, length, a: atA, b: atB, stepA, stepB }) => {
        const blocks = kernels === undefined ? 0 : Math.floor(length / BLOCK);
        if (blocks > 0) {
          const kernel = kernels![`${name} of ${stepA === 0 ? 'one' : 'each'} and ${stepB === 0 ? 'one' : 'each'}`];
          const [addressA, addressB] = [first.byteOffset + atA * bytes, second.byteOffset + atB * bytes];
          kernel(addressA, addressB, output.byteOffset + start * bytes, blocks);
        }
        for (let place = blocks * BLOCK; place < length; place++)
          output[start + place] = of(first[atA + place * stepA]!, second[atB + place * stepB]!);
      });
    });
  };
}
