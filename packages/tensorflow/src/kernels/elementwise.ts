import {
  type CastAttrs,
  type CastInputs,
  type ClipByValueAttrs,
  type ClipByValueInputs,
  type ComplexInputs,
  type EluGradInputs,
  type ImagInputs,
  type LeakyReluAttrs,
  type LeakyReluInputs,
  type PreluInputs,
  type RealInputs,
  type SelectInputs,
  type StepAttrs,
  type TensorInfo,
  add,
  cast,
  greater,
  isNaN,
  maximum,
  minimum,
  mul,
  relu,
  scalar,
  tidy,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { DataType } from '../c-api/types.ts';
import { typeAttribute } from './attributes.ts';
import { asTensor, define, select } from './kernel.ts';
import { NativeScope } from './native.ts';
import { binaryOperations, execute, operation, unaryOperations } from './operation.ts';

interface Unary {
  readonly x: TensorInfo;
}

/** Kernels of one input that are the operation of the same name. */
const UNARY = Object.freeze(
  `Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Expm1 Floor IsFinite IsInf IsNan Log Log1p Neg
   Reciprocal Relu Relu6 Rsqrt Selu Sigmoid Sin Sinh Softplus Sqrt Square Tanh OnesLike ZerosLike`.split(/\s+/),
);

/** Kernels of two inputs of one dtype, and their operations. */
const BINARY = Object.freeze({
  Add: 'Add',
  Atan2: 'Atan2',
  BitwiseAnd: 'BitwiseAnd',
  Equal: 'Equal',
  FloorDiv: 'FloorDiv',
  Greater: 'Greater',
  GreaterEqual: 'GreaterEqual',
  Less: 'Less',
  LessEqual: 'LessEqual',
  Maximum: 'Maximum',
  Minimum: 'Minimum',
  Mod: 'FloorMod',
  Multiply: 'Mul',
  NotEqual: 'NotEqual',
  Pow: 'Pow',
  RealDiv: 'RealDiv',
  SquaredDifference: 'SquaredDifference',
  Sub: 'Sub',
});

/** Registers kernels whose results depend on one element of each input. */
export function registerElementwiseKernels(): void {
  unaryOperations(UNARY);
  binaryOperations(BINARY);
  operation<{ a: TensorInfo; b: TensorInfo }>('LogicalAnd', ({ a, b }) => ({ inputs: [a, b] }));
  operation<{ a: TensorInfo; b: TensorInfo }>('LogicalOr', ({ a, b }) => ({ inputs: [a, b] }));
  operation<Unary>('LogicalNot', ({ x }) => ({ inputs: [x] }));
  operation<SelectInputs>('Select', ({ condition, t, e }) => ({ inputs: [condition, t, e], types: { T: t } }));
  operation<EluGradInputs>('EluGrad', ({ dy, y }) => ({ inputs: [dy, y], types: { T: y } }));
  operation<CastInputs, CastAttrs>('Cast', ({ x }, { dtype }) => ({
    inputs: [x],
    types: { SrcT: x, DstT: dtype },
    attributes: { Truncate: false },
  }));
  registerComplexKernels();
  registerRectifiers();
  define<ClipByValueInputs, ClipByValueAttrs>('ClipByValue', ({ inputs: { x }, attributes }) => {
    const { clipValueMin, clipValueMax } = attributes;
    return tidy(() => maximum(minimum(asTensor(x), scalar(clipValueMax, x.dtype)), scalar(clipValueMin, x.dtype)));
  });
  // tfjs: the exponential of an integer is a real number.
  define<Unary>('Exp', ({ inputs: { x }, backend }) =>
    inFloat32(x, (real) => execute('Exp', { inputs: [real], types: { T: real } }, backend)),
  );
  // tfjs: the sign of NaN is 0. TensorFlow: NaN.
  define<Unary>('Sign', ({ inputs: { x }, backend }) => {
    const sign = () => execute('Sign', { inputs: [x], types: { T: x } }, backend);
    if (x.dtype !== 'float32') return sign();
    return tidy(() => select(isNaN(asTensor(x)), scalar(0), sign(), backend));
  });
  // TensorFlow 2.21 rounds the int32 -12345678 to 0.
  define<Unary>('Round', ({ inputs: { x }, backend }) =>
    x.dtype === 'float32' ? execute('Round', { inputs: [x], types: { T: x } }, backend) : shared(x, backend),
  );
  define<Unary>('Identity', ({ inputs: { x }, backend }) => shared(x, backend));
  define<Unary, StepAttrs>('Step', ({ inputs: { x }, attributes: { alpha }, backend }) =>
    tidy(() => {
      const dtype = x.dtype === 'float32' ? 'float32' : 'int32';
      const steps = select(greater(asTensor(x), scalar(0, dtype)), scalar(1, dtype), scalar(alpha, dtype), backend);
      return dtype === 'float32' ? select(isNaN(asTensor(x)), x, steps, backend) : steps;
    }),
  );
  // In float64: TensorFlow's float32 tangent of large numbers is off by one unit in the last place.
  define<Unary>('Tan', ({ inputs: { x }, backend }) => {
    if (x.dtype !== 'float32') return execute('Tan', { inputs: [x], types: { T: x } }, backend);
    return NativeScope.run(backend, (scope) => {
      const wide = scope.cast(scope.handleOf(x), DataType.float32, DataType.float64);
      return scope.take(scope.execute('Tan', [typeAttribute('T', DataType.float64)], [wide], 1)[0]!);
    });
  });
}

function registerComplexKernels(): void {
  const absolute = (x: TensorInfo) => ({ inputs: [x], types: { T: x, Tout: 'float32' } }) as const;
  operation<Unary>('ComplexAbs', ({ x }) => absolute(x));
  operation<Unary>('Abs', ({ x }) =>
    x.dtype === 'complex64' ? { name: 'ComplexAbs', ...absolute(x) } : { inputs: [x], types: { T: x } },
  );
  operation<ComplexInputs>('Complex', ({ real, imag }) => ({
    inputs: [real, imag],
    types: { T: real, Tout: 'complex64' },
  }));
  operation<RealInputs>('Real', ({ input }) => ({ inputs: [input], types: { T: input, Tout: 'float32' } }));
  operation<ImagInputs>('Imag', ({ input }) => ({ inputs: [input], types: { T: 'complex64', Tout: 'float32' } }));
}

function registerRectifiers(): void {
  define<LeakyReluInputs, LeakyReluAttrs>('LeakyRelu', ({ inputs: { x }, attributes: { alpha }, backend }) =>
    inFloat32(x, (real) => execute('LeakyRelu', { inputs: [real], types: { T: real }, floats: { alpha } }, backend)),
  );
  define<PreluInputs>('Prelu', ({ inputs: { x, alpha } }) =>
    tidy(() => add(relu(asTensor(x)), mul(asTensor(alpha), minimum(asTensor(x), scalar(0, x.dtype))))),
  );
}

/** Runs `compute` on `x` in float32. */
function inFloat32(x: TensorInfo, compute: (real: TensorInfo) => TensorInfo): TensorInfo {
  return x.dtype === 'float32' ? compute(x) : tidy(() => asTensor(compute(cast(asTensor(x), 'float32'))));
}

/** `x` once more: another owner of its data. */
function shared(x: TensorInfo, backend: TensorFlowBackend): TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }; // tfjs would count x itself as the same tensor
}
