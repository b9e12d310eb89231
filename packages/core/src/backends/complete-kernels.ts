import * as tf from '@tensorflow/tfjs-core';
import { composedEinsum } from '../nn/gradients/einsum.ts';
import { floorDivide } from './elementwise.ts';
import { emptySlices } from './empty-slices.ts';
import { checkedGatherNd } from './gather-nd.ts';
import { addKernel, replaceKernel } from './kernels.ts';
import { identities, orIdentity, placeShape } from './reductions.ts';
import { volumes } from './volumes.ts';
import { completeWasm } from './wasm/kernels.ts';
import { completeWebGpu } from './webgpu/kernels.ts';

const einsum = (inputs: Record<string, tf.Tensor>, { equation }: { equation: string }): tf.Tensor =>
  composedEinsum(equation, Object.values(inputs));

/** Replaces einsum of plain JavaScript and WebGPU, which is wrong where an axis of one operand is summed by itself. */
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
 * Replaces cumulative sums and products. TensorFlow.js takes the wrong axis where it counts from the end. WebGPU, in
 * reverse, takes the length of the first tensor of a rank for all others; there the tensor is reversed instead.
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

/** Corrections that plain JavaScript and WebGPU need alike. */
const correctAlike = (backend: string): void => {
  for (const [name, identity] of Object.entries(identities)) replaceKernel(backend, name, orIdentity(identity));
  for (const name of ['ArgMax', 'ArgMin']) replaceKernel(backend, name, placeShape);
  for (const [name, kernelOf] of Object.entries(volumes)) replaceKernel(backend, name, kernelOf);
  replaceKernel(backend, 'FloorDiv', floorDivide);
  replaceKernel(backend, 'StridedSlice', emptySlices);
  replaceEinsum(backend);
  replaceCumulations(backend);
};

const COMPLETIONS = new Map<string, () => void>([
  [
    'cpu',
    () => {
      correctAlike('cpu');
      replaceKernel('cpu', 'GatherNd', checkedGatherNd);
    },
  ],
  [
    'wasm',
    () => {
      completeWasm();
      replaceCumulations('wasm');
      replaceKernel('wasm', 'GatherNd', checkedGatherNd);
      addKernel('wasm', 'Einsum', einsum);
    },
  ],
  [
    'webgpu',
    () => {
      correctAlike('webgpu');
      completeWebGpu();
    },
  ],
]);

/**
 * Adds the kernels that training needs where those of TensorFlow.js are missing, wrong or slow on the current backend.
 * Call it once the backend is chosen. Native TensorFlow needs none.
 */
export function completeKernels(): void {
  const backend = tf.getBackend();
  COMPLETIONS.get(backend)?.();
  COMPLETIONS.delete(backend);
}
