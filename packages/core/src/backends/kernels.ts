import * as tf from '@tensorflow/tfjs-core';

export type KernelCall = Parameters<tf.KernelFunc>[0];

/** Registers a kernel composed of operations. It gets the inputs and attributes of the kernel of that name. */
export function addKernel(
  backendName: string,
  kernelName: string,
  kernel: (inputs: never, attributes: never) => tf.Tensor | tf.Tensor[],
): void {
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs }) => kernel(inputs as never, attrs as never);
  tf.registerKernel({ kernelName, backendName, kernelFunc });
}

/** Replaces a kernel of the backend. The new one may call the old one. */
export function replaceKernel(
  backendName: string,
  kernelName: string,
  kernelOf: (stock: tf.KernelFunc) => tf.KernelFunc,
): void {
  const stock = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...stock, kernelFunc: kernelOf(stock.kernelFunc) });
}

/** The result of a kernel as a tensor. One that was composed of operations is a tensor already. */
export function asTensor(result: tf.TensorInfo | tf.TensorInfo[]): tf.Tensor {
  if (result instanceof tf.Tensor) return result as tf.Tensor;
  return tf.engine().makeTensorFromTensorInfo(result as tf.TensorInfo);
}
