import * as tf from '@tensorflow/tfjs-core';

export type KernelCall = Parameters<tf.KernelFunc>[0];

/** Registers a kernel that is made of operations; it is given the inputs and attributes of its name. */
export function addKernel(
  backendName: string,
  kernelName: string,
  kernel: (inputs: never, attributes: never) => tf.Tensor | tf.Tensor[],
): void {
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs }) => kernel(inputs as never, attrs as never);
  tf.registerKernel({ kernelName, backendName, kernelFunc });
}

/** Puts a kernel in the place of the backend's own, which it may call. */
export function replaceKernel(
  backendName: string,
  kernelName: string,
  kernelOf: (stock: tf.KernelFunc) => tf.KernelFunc,
): void {
  const stock = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...stock, kernelFunc: kernelOf(stock.kernelFunc) });
}
