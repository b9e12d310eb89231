import * as tf from '@tensorflow/tfjs-core';
import type { GridInputs, KernelCase, KernelGrid } from './case.ts';
import type { GridNumbers, GridTensor } from './tensor.ts';

/** Runs the current backend's kernel. */
export async function runKernel(name: string, { inputs, attributes = {} }: KernelCase): Promise<GridTensor[]> {
  const tensors = entriesOf(inputs).map(([key, each]) => [key, createTensor(each)] as const);
  const named = Array.isArray(inputs) ? tensors.map(([, tensor]) => tensor) : Object.fromEntries(tensors);
  let outputs: tf.Tensor[] = [];
  try {
    outputs = [tf.engine().runKernel(name, named as never, attributes as never)].flat();
    return await Promise.all(
      outputs.map(async (output) => ({
        shape: output.shape,
        dtype: output.dtype as GridTensor['dtype'],
        values: await output.data(),
      })),
    );
  } finally {
    tf.dispose([tensors.map(([, tensor]) => tensor), outputs]);
  }
}

/** Outputs that the kernel should give: by plain loops, else by the current backend, which is plain JavaScript. */
export async function expectedOf(name: string, grid: KernelGrid, call: KernelCase): Promise<readonly GridTensor[]> {
  if (grid.reference === undefined) return runKernel(name, call);
  const inputs = Object.fromEntries(entriesOf(call.inputs)) as Record<string, GridNumbers>;
  return [grid.reference(inputs, (call.attributes ?? {}) as never)].flat();
}

function entriesOf(inputs: GridInputs): [string, GridTensor][] {
  return Object.entries(inputs as Record<string, GridTensor>);
}

function createTensor({ shape, dtype, values }: GridTensor): tf.Tensor {
  return tf.tensor(dataOf(dtype, values) as tf.TensorLike, [...shape], dtype);
}

function dataOf(dtype: GridTensor['dtype'], values: GridTensor['values']): unknown {
  if (dtype === 'string') return [...(values as string[])];
  const numbers = values as ArrayLike<number>;
  if (dtype === 'float32') return withBothSigns(Float32Array.from(numbers));
  return dtype === 'int32' ? Int32Array.from(numbers) : Uint8Array.from(numbers);
}

/** Sets the sign of every other NaN, as processors do where they compute one: ∞ - ∞. JavaScript's own has none. */
function withBothSigns(values: Float32Array<ArrayBuffer>): Float32Array {
  const bits = new Uint32Array(values.buffer);
  let isNegative = false;
  values.forEach((value, index) => {
    if (!Number.isNaN(value)) return;
    isNegative = !isNegative;
    bits[index] = isNegative ? 0xffc00000 : 0x7fc00000;
  });
  return values;
}

/** The first difference between outputs and what they should be, as one line. Null where they agree. */
export function differenceOf(
  found: readonly GridTensor[],
  expected: readonly GridTensor[],
  tolerance: number,
): string | null {
  if (found.length !== expected.length) return `${found.length} outputs, expected ${expected.length}`;
  for (const [index, output] of found.entries()) {
    const difference = differenceOfTensors(output, expected[index]!, tolerance);
    if (difference !== null) return found.length === 1 ? difference : `output ${index}: ${difference}`;
  }
  return null;
}

function differenceOfTensors(found: GridTensor, expected: GridTensor, tolerance: number): string | null {
  const typeOf = ({ shape, dtype }: GridTensor) => `${dtype} [${shape.join(', ')}]`;
  if (typeOf(found) !== typeOf(expected)) return `${typeOf(found)}, expected ${typeOf(expected)}`;
  for (let index = 0; index < expected.values.length; index++) {
    const [value, right] = [found.values[index], expected.values[index]];
    if (agree(value, right, expected.dtype === 'float32' ? tolerance : 0)) continue;
    return `element ${index} of ${typeOf(found)} is ${String(value)}, expected ${String(right)}`;
  }
  return null;
}

function agree(found: unknown, expected: unknown, tolerance: number): boolean {
  if (typeof found !== 'number' || typeof expected !== 'number') return found === expected;
  const rounded = tolerance === 0 ? expected : Math.fround(expected);
  if (found === rounded || (Number.isNaN(found) && Number.isNaN(rounded))) return true;
  return Math.abs(found - rounded) <= tolerance * Math.max(1, Math.abs(rounded)) && Number.isFinite(rounded);
}

/** A call as one line. */
export function describeCase({ inputs, attributes = {} }: KernelCase): string {
  const parts = entriesOf(inputs).map(([key, { shape, dtype, values }]) => {
    const shown = values.length <= 24 ? ` {${Array.from(values as ArrayLike<number>, String).join(' ')}}` : '';
    return `${key} ${dtype} [${shape.join(', ')}]${shown}`;
  });
  return [...parts, ...Object.entries(attributes).map(([key, value]) => `${key} ${JSON.stringify(value)}`)].join(', ');
}
