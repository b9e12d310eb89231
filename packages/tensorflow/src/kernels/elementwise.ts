import {
  type BinaryInputs,
  cast,
  greater,
  type IdentityInputs,
  isNaN,
  type LeakyReluInputs,
  scalar,
  type StepAttrs,
  type TanInputs,
  tidy,
} from '@tensorflow/tfjs-core';
import { DataType } from '../c-api/types.ts';
import { typeAttribute } from './attributes.ts';
import { asTensor, define, override, select } from './kernel.ts';
import { NativeScope } from './native.ts';

/** Registers element-wise kernels that tfjs-node lacks or has for some dtypes only. */
export function registerElementwiseKernels(): void {
  define<BinaryInputs>('BitwiseAnd', ({ inputs, backend }) =>
    backend.executeSingleOutput('BitwiseAnd', [typeAttribute('T', DataType.int32)], [inputs.a, inputs.b]),
  );
  // tfjs: the sign of NaN is 0. TensorFlow: NaN.
  override<IdentityInputs>('Sign', ({ inputs: { x }, backend }, stock) => {
    if (x.dtype !== 'float32') return stock();
    return tidy(() => select(isNaN(asTensor(x)), scalar(0), asTensor(stock()), backend));
  });
  // TensorFlow 2.21 rounds the int32 -12345678 to 0.
  override<IdentityInputs>('Round', ({ inputs: { x }, backend }, stock) => {
    if (x.dtype === 'float32') return stock();
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }; // tfjs would count x itself as the same tensor
  });
  override<IdentityInputs, StepAttrs>('Step', ({ inputs: { x }, attributes: { alpha }, backend }, stock) => {
    if (x.dtype === 'float32') return stock();
    return tidy(() => {
      const isPositive = greater(asTensor(x), scalar(0, 'int32'));
      return select(isPositive, scalar(1, 'int32'), scalar(alpha, 'int32'), backend);
    });
  });
  override<LeakyReluInputs>('LeakyRelu', ({ inputs: { x } }, stock) => {
    if (x.dtype === 'float32') return stock();
    return tidy(() => asTensor(stock({ x: cast(asTensor(x), 'float32') })));
  });
  // In float64: TensorFlow's float32 tangent of large numbers is off by one unit in the last place.
  override<TanInputs>('Tan', ({ inputs: { x }, backend }, stock) => {
    if (x.dtype !== 'float32') return stock();
    return NativeScope.run(backend, (scope) => {
      const wide = scope.cast(scope.handleOf(x), DataType.float32, DataType.float64);
      return scope.take(scope.execute('Tan', [typeAttribute('T', DataType.float64)], [wide], 1)[0]!);
    });
  });
}
