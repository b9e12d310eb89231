import {
  engine,
  getKernel,
  type KernelConfig,
  type NamedAttrMap,
  type NamedTensorMap,
  registerKernel,
  type Tensor,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { dataTypeOf } from '../backend/tensor-data.ts';
import { typeAttribute } from './attributes.ts';

/** tfjs-core types every input of a kernel as perhaps undefined; those that it does not call optional are there. */
export type Present<Inputs> = { readonly [Name in keyof Inputs]: Exclude<Inputs[Name], undefined> };

/** One run of a kernel. */
export interface Call<Inputs, Attributes> {
  readonly inputs: Present<Inputs>;
  readonly attributes: Attributes;
  readonly backend: TensorFlowBackend;
}

type Result = TensorInfo | TensorInfo[];

const BACKEND_NAME = 'tensorflow';

/** Registers a kernel that tfjs-node lacks. */
export function define<Inputs, Attributes = object>(
  kernelName: string,
  kernel: (call: Call<Inputs, Attributes>) => Result,
): void {
  const config: KernelConfig = {
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, attrs, backend }) =>
      kernel({
        inputs: inputs as unknown as Present<Inputs>,
        attributes: attrs as NamedAttrMap & Attributes,
        backend: backend as TensorFlowBackend,
      }),
  };
  registerKernel(config);
}

/** Registers a kernel over tfjs-node's, which it can still run by calling `stock`, on the same tensors or on others. */
export function override<Inputs extends object, Attributes = object>(
  kernelName: string,
  kernel: (call: Call<Inputs, Attributes>, stock: (inputs?: Partial<Present<Inputs>>) => TensorInfo) => Result,
): void {
  const original = getKernel(kernelName, BACKEND_NAME);
  unregisterKernel(kernelName, BACKEND_NAME);
  define<Inputs, Attributes>(kernelName, (call) =>
    kernel(call, (inputs) => {
      const { attributes, backend } = call;
      const merged = (inputs === undefined ? call.inputs : { ...call.inputs, ...inputs }) as never;
      return original.kernelFunc({ inputs: merged, attrs: attributes as never, backend }) as TensorInfo;
    }),
  );
}

/** `a` where `condition`, else `b`, all three broadcast; unlike tf.where also where a tensor is empty. */
export function select(condition: TensorInfo, a: TensorInfo, b: TensorInfo, backend: TensorFlowBackend): Tensor {
  return backend.executeSingleOutput('SelectV2', [typeAttribute('T', dataTypeOf(a.dtype))], [condition, a, b]);
}

/** Runs another kernel from within one. */
export function run(kernelName: string, inputs: Record<string, TensorInfo>, attributes: object): Tensor {
  return engine().runKernel(kernelName, inputs as NamedTensorMap, attributes as NamedAttrMap);
}

/** A kernel's inputs are tensors, whatever tfjs-core's types promise, so that kernels can be written in operations. */
export function asTensor(info: TensorInfo): Tensor {
  return info as Tensor;
}
