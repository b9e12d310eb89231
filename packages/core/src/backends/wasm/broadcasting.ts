import * as tf from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernels.ts';
import { createOutput } from './memory.ts';

/** Neighboring places of the result, with the places of the operands. A step of 0: the same number for all. */
export interface Row {
  readonly start: number;
  readonly length: number;
  readonly a: number;
  readonly b: number;
  readonly stepA: 0 | 1;
  readonly stepB: 0 | 1;
}

/** Calls `body` with each row of a result whose operands are broadcast. Operands of its shape have one long row. */
export function forEachRow(
  shape: readonly number[],
  a: readonly number[],
  b: readonly number[],
  body: (row: Row) => void,
): void {
  const size = tf.util.sizeFromShape([...shape]);
  if (size === 0) return;
  const [stepsA, stepsB] = [stepsOf(a, shape), stepsOf(b, shape)];
  // The last axes along which each operand is either broadcast or not are one row.
  const last = shape.length - 1;
  const isLike = (steps: readonly number[], axis: number) => (steps[axis] === 0) === (steps[last] === 0);
  let outer = shape.length;
  while (outer > 0 && (shape[outer - 1] === 1 || (isLike(stepsA, outer - 1) && isLike(stepsB, outer - 1)))) outer--;
  const length = tf.util.sizeFromShape(shape.slice(outer));
  const index = shape.map(() => 0);
  const stepOf = (steps: readonly number[]): 0 | 1 => (steps.slice(outer).every((step) => step === 0) ? 0 : 1);
  const [stepA, stepB] = [stepOf(stepsA), stepOf(stepsB)];
  for (let start = 0, atA = 0, atB = 0; start < size; start += length) {
    body({ start, length, a: atA, b: atB, stepA, stepB });
    for (let axis = outer - 1; axis >= 0; axis--) {
      index[axis]!++;
      atA += stepsA[axis]!;
      atB += stepsB[axis]!;
      if (index[axis]! < shape[axis]!) break;
      atA -= shape[axis]! * stepsA[axis]!;
      atB -= shape[axis]! * stepsB[axis]!;
      index[axis] = 0;
    }
  }
}

/** The distance in memory between neighbors along each axis of the result: 0 where the operand is broadcast. */
function stepsOf(shape: readonly number[], result: readonly number[]): number[] {
  const missing = result.length - shape.length;
  return result.map((_, axis) =>
    axis < missing || shape[axis - missing] === 1 ? 0 : tf.util.sizeFromShape(shape.slice(axis - missing + 1)),
  );
}

/** A kernel of two tensors that broadcast. */
export function broadcast(of: (a: number, b: number) => number): (call: KernelCall) => tf.TensorInfo {
  return ({ inputs, backend }) => {
    const { a, b } = inputs as Record<'a' | 'b', tf.TensorInfo>;
    const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    return createOutput(backend, shape, a.dtype, (output, view) => {
      const [first, second] = [view(a), view(b)];
      forEachRow(shape, a.shape, b.shape, ({ start, length, a: atA, b: atB, stepA, stepB }) => {
        for (let place = 0; place < length; place++)
          output[start + place] = of(first[atA + place * stepA]!, second[atB + place * stepB]!);
      });
    });
  };
}
