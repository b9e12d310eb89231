import * as tf from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernels.ts';
import { reductionOf } from '../reductions.ts';
import { assembledKernels, BLOCK } from './assembled.ts';
import { createOutput, withScratch, type WasmBackend } from './memory.ts';

/**
 * Sums in float64, rounded once at the end. The stock kernel adds in float32: of millions of numbers it loses percents.
 * Bool and int32 are added as integers.
 */
export function sum(call: KernelCall): tf.TensorInfo {
  return accumulate(
    call,
    (x) => (x.dtype === 'float32' ? 'float32' : 'int32'),
    () => 1,
  );
}

/** Means: sums in float64, divided by their count. The mean of no numbers is NaN. */
export function mean(call: KernelCall): tf.TensorInfo {
  return accumulate(
    call,
    () => 'float32',
    (count) => count,
  );
}

function accumulate(
  call: KernelCall,
  dtypeOf: (x: tf.Tensor) => tf.DataType,
  divisorOf: (count: number) => number,
): tf.TensorInfo {
  const { x, axes, shape } = reductionOf(call);
  const count = tf.util.sizeFromShape(axes.map((axis) => x.shape[axis]!));
  const dtype = dtypeOf(x);
  const divisor = divisorOf(count);
  if (x.size === 0) return createOutput(call.backend, shape, dtype, (totals) => totals.fill(0 / divisor));
  const isBlock = axes.every((axis, index) => axis === axes[0]! + index);
  const permutation = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const arranged = isBlock ? x : tf.transpose(x, permutation);
  // The summed axes are one block: [before, count, after].
  const after = isBlock && axes.length > 0 ? tf.util.sizeFromShape(x.shape.slice(axes.at(-1)! + 1)) : 1;
  const output = createOutput(call.backend, shape, dtype, () => undefined);
  const sumOf = after === 1 ? sumLines : sumRows;
  sumOf(call.backend as WasmBackend, arranged, output, { count, after, divisor });
  if (arranged !== x) arranged.dispose();
  return output;
}

interface Lines {
  /** Numbers of a sum. */
  readonly count: number;
  /** Sums beside each other, each of whose numbers are so far apart. */
  readonly after: number;
  readonly divisor: number;
}

/** Sums [..., count] → [...]. */
function sumLines(backend: WasmBackend, x: tf.TensorInfo, output: tf.TensorInfo, { count, divisor }: Lines): void {
  const kernels = x.dtype === 'float32' ? assembledKernels(backend) : undefined;
  const blocks = kernels === undefined ? 0 : Math.floor(count / BLOCK);
  withScratch(backend, 2, (scratch) => {
    const [numbers, totals] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(output)];
    for (let line = 0; line < totals.length; line++) {
      const start = line * count;
      let total = 0;
      if (blocks > 0) {
        kernels!.sum(numbers.byteOffset + start * numbers.BYTES_PER_ELEMENT, scratch.byteOffset, blocks);
        total = scratch[0]! + scratch[1]!;
      }
      for (let index = start + blocks * BLOCK; index < start + count; index++) total += numbers[index]!;
      totals[line] = total / divisor;
    }
  });
}

/** Sums [..., count, after] → [..., after]. */
function sumRows(
  backend: WasmBackend,
  x: tf.TensorInfo,
  output: tf.TensorInfo,
  { count, after, divisor }: Lines,
): void {
  const kernels = x.dtype === 'float32' ? assembledKernels(backend) : undefined;
  const blocks = kernels === undefined ? 0 : Math.floor(after / BLOCK);
  withScratch(backend, after, (totals) => {
    const [numbers, sums] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(output)];
    for (let first = 0, from = 0; first < sums.length; first += after) {
      totals.fill(0);
      for (let row = 0; row < count; row++, from += after) {
        if (blocks > 0)
          kernels!.accumulate(numbers.byteOffset + from * numbers.BYTES_PER_ELEMENT, totals.byteOffset, blocks);
        for (let column = blocks * BLOCK; column < after; column++) totals[column]! += numbers[from + column]!;
      }
      for (let column = 0; column < after; column++) sums[first + column] = totals[column]! / divisor;
    }
  });
}
