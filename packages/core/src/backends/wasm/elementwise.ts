import * as tf from '@tensorflow/tfjs-core';
import { asTensor, type KernelCall } from '../kernels.ts';
import { broadcast } from './broadcasting.ts';
import { createOutput } from './memory.ts';

/** Converts numbers. The stock kernel truncates to integers and takes their last byte for a bool. */
export function cast({ inputs, attrs, backend }: KernelCall): tf.TensorInfo {
  const x = inputs.x!;
  const { dtype } = attrs as unknown as { dtype: tf.DataType };
  return createOutput(backend, x.shape, dtype, (output, view) => {
    const numbers = view(x);
    if (dtype !== 'bool' || x.dtype === 'bool') output.set(numbers);
    else for (let index = 0; index < numbers.length; index++) output[index] = numbers[index] === 0 ? 0 : 1;
  });
}

/**
 * Chooses between two tensors of any two dtypes; the wider one is the result's. The stock kernel reads numbers of four
 * bytes from both.
 */
export function select(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { condition, t, e } = call.inputs as Record<'condition' | 't' | 'e', tf.Tensor>;
    const dtype = tf.upcastType(t.dtype, e.dtype);
    if (condition.size === 0) return createOutput(call.backend, t.shape, dtype, () => undefined);
    if (t.dtype === e.dtype && dtype !== 'bool') return stock(call);
    const common = dtype === 'bool' ? 'int32' : dtype;
    return tf.tidy(() => {
      const inputs = { condition, t: tf.cast(t, common), e: tf.cast(e, common) };
      const chosen = asTensor(stock({ ...call, inputs }));
      return tf.cast(chosen, dtype);
    });
  };
}

/** A kernel of one tensor that replaces the stock one for int32, which goes through float32. */
export function onIntegers(of: (x: number) => number): (stock: tf.KernelFunc) => tf.KernelFunc {
  return (stock) => (call) => {
    const x = call.inputs.x!;
    if (x.dtype !== 'int32') return stock(call);
    return createOutput(call.backend, x.shape, 'int32', (output, view) => {
      const numbers = view(x);
      for (let index = 0; index < numbers.length; index++) output[index] = of(numbers[index]!);
    });
  };
}

/** The remainder with the sign of the divisor. */
export function floorModulo(a: number, b: number): number {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
}

/** Floor of the quotient of integers. The stock kernel divides in float32. */
export function floorDivide(stock: tf.KernelFunc): tf.KernelFunc {
  const onIntegersAlone = broadcast((a, b) => Math.floor(a / b));
  return (call) => (call.inputs.a!.dtype === 'int32' ? onIntegersAlone(call) : stock(call));
}

/** The stock kernel takes one slope for each place of the last axis; others are broadcast here. */
export function prelu(stock: tf.KernelFunc): tf.KernelFunc {
  const broadcastSlopes = broadcast((value, slope) => (value < 0 ? slope * value : value));
  return (call) => {
    const { x, alpha } = call.inputs as Record<'x' | 'alpha', tf.Tensor>;
    const isByChannel = alpha.size === x.shape.at(-1) && alpha.shape.at(-1) === alpha.size && alpha.rank <= x.rank;
    if (x.size > 0 && isByChannel) return stock(call);
    return broadcastSlopes({ ...call, inputs: { a: x, b: alpha } });
  };
}
