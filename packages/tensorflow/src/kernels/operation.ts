import type { DataType as Dtype, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import type { Constant } from '../backend/constant.ts';
import { dataTypeOf } from '../backend/tensor-data.ts';
import { type Attribute, AttributeType } from '../c-api/attributes.ts';
import { booleanAttribute, integerAttribute, stringAttribute, typeAttribute } from './attributes.ts';
import { define, type Present } from './kernel.ts';

/** One operation of TensorFlow. */
export interface Operation {
  readonly inputs: readonly (TensorInfo | Constant)[];
  /** Attributes that are types, each as a dtype or as the tensor that has it. */
  readonly types?: Readonly<Record<string, Dtype | TensorInfo>>;
  /** Attributes that are whole numbers, booleans and strings. */
  readonly attributes?: Readonly<Record<string, number | readonly number[] | boolean | string>>;
  /** Attributes that are real numbers. */
  readonly floats?: Readonly<Record<string, number>>;
}

/** A kernel as an operation: its `name` where that is not the kernel's. */
type Described = Operation & { readonly name?: string };
type Description<Inputs, Attributes> = (inputs: Present<Inputs>, attributes: Attributes) => Described;

/** Runs an operation with one result. */
export function execute(name: string, operation: Operation, backend: TensorFlowBackend): Tensor {
  return backend.executeSingleOutput(name, operationAttributes(operation), operation.inputs);
}

/** Runs an operation with several results. */
export function executeAll(name: string, operation: Operation, outputs: number, backend: TensorFlowBackend): Tensor[] {
  return backend.executeMultipleOutputs(name, operationAttributes(operation), operation.inputs, outputs);
}

/** Registers a kernel that is one operation with one result. */
export function operation<Inputs, Attributes = object>(
  kernelName: string,
  describe: Description<Inputs, Attributes>,
): void {
  define<Inputs, Attributes>(kernelName, ({ inputs, attributes, backend }) => {
    const described = describe(inputs, attributes);
    return execute(described.name ?? kernelName, described, backend);
  });
}

/** Registers kernels of one input `x` that are the operation of the same name. */
export function unaryOperations(kernelNames: readonly string[]): void {
  for (const kernelName of kernelNames)
    define<{ x: TensorInfo }>(kernelName, ({ inputs: { x }, backend }) =>
      backend.executeSingleOutput(kernelName, [typeAttribute('T', dataTypeOf(x.dtype))], [x]),
    );
}

/** Registers kernels of two inputs `a` and `b`, of one dtype, by the names of their operations. */
export function binaryOperations(operationNames: Readonly<Record<string, string>>): void {
  for (const [kernelName, operationName] of Object.entries(operationNames))
    define<{ a: TensorInfo; b: TensorInfo }>(kernelName, ({ inputs: { a, b }, backend }) =>
      backend.executeSingleOutput(operationName, [typeAttribute('T', dataTypeOf(a.dtype))], [a, b]),
    );
}

/** The attributes of an operation, as the C API takes them. */
export function operationAttributes({ types, attributes, floats }: Operation): Attribute[] {
  const list: Attribute[] = [];
  for (const name in types) {
    const type = types[name]!;
    list.push(typeAttribute(name, dataTypeOf(typeof type === 'string' ? type : type.dtype)));
  }
  for (const name in attributes) {
    const value = attributes[name]!;
    if (typeof value === 'boolean') list.push(booleanAttribute(name, value));
    else if (typeof value === 'string') list.push(stringAttribute(name, value));
    else list.push(integerAttribute(name, value));
  }
  for (const name in floats) list.push({ name, type: AttributeType.float, value: floats[name]! });
  return list;
}
