import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../../backend/backend.ts';
import { dataTypeOf } from '../../backend/tensor-data.ts';
import { DataType } from '../../c-api/types.ts';
import { booleanAttribute, integerAttribute, typeAttribute } from '../../kernels/attributes.ts';
import { NativeScope } from '../../kernels/native.ts';

/** Shape and dtype of the elements of a list. */
export interface ElementType {
  readonly shape: readonly number[];
  readonly dtype: Tensor['dtype'];
}

/**
 * TensorFlow's lists of tensors of one type. A loop reads and writes their elements without copying the rest. A list is
 * passed on as a tensor; only the calling code knows its element type.
 */
export class TensorLists {
  readonly #backend: TensorFlowBackend;

  constructor(backend: TensorFlowBackend) {
    this.#backend = backend;
  }

  /** Makes a list of `length` elements to be written. */
  reserve(length: number, { shape, dtype }: ElementType): Tensor {
    const attributes = [typeAttribute('element_dtype', dataTypeOf(dtype)), INT32_SHAPE];
    return this.#run('TensorListReserve', attributes, [], (scope) => [
      shapeOperand(scope, shape),
      scope.constant([], DataType.int32, [length]),
    ]);
  }

  /** The parts of `stacked` along its first axis. */
  unstack(stacked: Tensor): Tensor {
    const attributes = [typeAttribute('element_dtype', dataTypeOf(stacked.dtype)), INT32_SHAPE];
    return this.#run('TensorListFromTensor', attributes, [stacked], (scope) => [
      shapeOperand(scope, stacked.shape.slice(1)),
    ]);
  }

  /** @param index int32 scalar */
  get(list: Tensor, index: Tensor, { shape, dtype }: ElementType): Tensor {
    const attributes = [typeAttribute('element_dtype', dataTypeOf(dtype))];
    return this.#run('TensorListGetItem', attributes, [list, index], (scope) => [shapeOperand(scope, shape)]);
  }

  /** @param index int32 scalar @returns the list with `element` at `index` */
  set(list: Tensor, index: Tensor, element: Tensor): Tensor {
    const attributes = [
      typeAttribute('element_dtype', dataTypeOf(element.dtype)),
      booleanAttribute('resize_if_index_out_of_bounds', false),
    ];
    return this.#run('TensorListSetItem', attributes, [list, index, element], () => []);
  }

  /** [length, ...element] */
  stack(list: Tensor, length: number, { shape, dtype }: ElementType): Tensor {
    const attributes = [typeAttribute('element_dtype', dataTypeOf(dtype)), integerAttribute('num_elements', length)];
    return this.#run('TensorListStack', attributes, [list], (scope) => [shapeOperand(scope, shape)]);
  }

  #run(
    name: string,
    attributes: Parameters<NativeScope['execute']>[1],
    tensors: readonly Tensor[],
    operands: (scope: NativeScope) => number[],
  ): Tensor {
    return NativeScope.run(this.#backend, (scope) => {
      const handles = [...tensors.map((tensor) => scope.handleOf(tensor)), ...operands(scope)];
      return scope.take(scope.execute(name, attributes, handles, 1)[0]!);
    });
  }
}

const INT32_SHAPE = typeAttribute('shape_type', DataType.int32);

function shapeOperand(scope: NativeScope, shape: readonly number[]): number {
  return scope.constant([shape.length], DataType.int32, shape);
}
