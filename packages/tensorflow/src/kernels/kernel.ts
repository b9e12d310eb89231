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

/** A kernel's inputs without undefined: tfjs-core types even required inputs as perhaps undefined. */
export type Present<Inputs> = { readonly [Name in keyof Inputs]: Exclude<Inputs[Name], undefined> };

/** One run of a kernel. */
export interface Call<Inputs, Attributes> {
  readonly inputs: Present<Inputs>;
  readonly attributes: Attributes;
  readonly backend: TensorFlowBackend;
}

type Result = TensorInfo | TensorInfo[];

const BACKEND_NAME = 'tensorflow';

/** Registers a kernel. */
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

/** Registers a kernel in the place of another. It can still run that one by `stock`, on the same or other tensors. */
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

/** `a` where `condition`, else `b`. All three broadcast, and unlike in tf.where, tensors may be empty. */
export function select(condition: TensorInfo, a: TensorInfo, b: TensorInfo, backend: TensorFlowBackend): Tensor {
  return backend.executeSingleOutput('SelectV2', [typeAttribute('T', dataTypeOf(a.dtype))], [condition, a, b]);
}

/** Runs another kernel from inside a kernel. */
export function run(kernelName: string, inputs: Record<string, TensorInfo>, attributes: object): Tensor {
  return engine().runKernel(kernelName, inputs as NamedTensorMap, attributes as NamedAttrMap);
}

/** Runs another kernel as `run` does, without a record for the gradient tape. */
export function runInner(
  kernelName: string,
  inputs: Record<string, TensorInfo>,
  attributes: object,
  backend: TensorFlowBackend,
): Tensor {
  const { kernelFunc } = getKernel(kernelName, BACKEND_NAME);
  return kernelFunc({ inputs: inputs, attrs: attributes as NamedAttrMap, backend }) as Tensor;
}

/** Casts a kernel's input to a tensor, which it is, so that kernels can call tfjs's operations. */
export function asTensor(info: TensorInfo): Tensor {
  return info as Tensor;
}
