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

interface CumulationAttributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/**
 * The sums and products along an axis, which TensorFlow.js takes from another where the axis counts from the end. WebGPU
 * takes the length of the first tensor of a rank for that of all when it goes backwards: there the tensor is turned round.
 */
const replaceCumulations = (backend: string): void => {
  for (const [name, cumulate] of [
    ['Cumsum', tf.cumsum],
    ['Cumprod', tf.cumprod],
  ] as const) {
    replaceKernel(backend, name, (stock) => (call) => {
      const { axis, exclusive, reverse } = call.attrs as unknown as CumulationAttributes;
      const x = call.inputs.x as tf.Tensor;
      const place = axis < 0 ? axis + x.shape.length : axis;
      if (!reverse || backend !== 'webgpu') return stock({ ...call, attrs: { ...call.attrs, axis: place } });
      return tf.tidy(() => tf.reverse(cumulate(tf.reverse(x, place), place, exclusive), place));
    });
  }
};

const COMPLETIONS = new Map<string, () => void>([
  [
    'cpu',
    () => {
      replaceEinsum('cpu');
      replaceCumulations('cpu');
    },
  ],
  [
    'wasm',
    () => {
      completeWasm();
      replaceCumulations('wasm');
      addKernel('wasm', 'Einsum', einsum);
    },
  ],
  [
    'webgpu',
    () => {
      completeWebGpu();
      replaceEinsum('webgpu');
      replaceCumulations('webgpu');
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
