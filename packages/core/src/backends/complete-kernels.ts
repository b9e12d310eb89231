import * as tf from '@tensorflow/tfjs-core';
import { composedEinsum } from '../nn/gradients/einsum.ts';
import { addKernel, replaceKernel } from './kernels.ts';
import { completeWasm } from './wasm/kernels.ts';
import { completeWebGpu } from './webgpu/kernels.ts';

const einsum = (inputs: Record<string, tf.Tensor>, { equation }: { equation: string }): tf.Tensor =>
  composedEinsum(equation, Object.values(inputs));

/** Plain JavaScript's einsum, which WebGPU has too, is wrong where an axis of one operand is summed by itself. */
const replaceEinsum = (backend: string): void => {
  replaceKernel(
    backend,
    'Einsum',
    () =>
      ({ inputs, attrs }) =>
        einsum(inputs as never, attrs as never),
  );
};

const COMPLETIONS = new Map<string, () => void>([
  [
    'cpu',
    () => {
      replaceEinsum('cpu');
    },
  ],
  [
    'wasm',
    () => {
      completeWasm();
      addKernel('wasm', 'Einsum', einsum);
    },
  ],
  [
    'webgpu',
    () => {
      completeWebGpu();
      replaceEinsum('webgpu');
    },
  ],
]);

/**
 * Gives the current backend the kernels that training needs where TensorFlow.js's are missing, wrong or slow: call it
 * once the backend is chosen. Native TensorFlow's are Motley's own and need nothing.
 */
export function completeKernels(): void {
  const backend = tf.getBackend();
  COMPLETIONS.get(backend)?.();
  COMPLETIONS.delete(backend);
}
