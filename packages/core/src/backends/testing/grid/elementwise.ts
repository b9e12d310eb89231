import { largest } from '@motley/run';
import type { KernelGrid, KernelGrids } from './case.ts';
import { SPECIAL_FLOATS, SPECIAL_INTEGERS } from './draw.ts';
import { forEachIndex, gridTensor, positionOf, sizeOf, stridesOf, type GridDtype, type GridNumbers } from './tensor.ts';

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;
/** Dtype of the result for a dtype of the operands. `undefined`: the kernel does not take such operands. */
type ResultDtype = (dtype: GridDtype) => GridDtype | undefined;

const arithmetic: ResultDtype = (dtype) => (dtype === 'bool' ? undefined : dtype);
const anyKept: ResultDtype = (dtype) => dtype;
const floats: ResultDtype = (dtype) => (dtype === 'float32' ? dtype : undefined);
const predicate: ResultDtype = () => 'bool';
const order: ResultDtype = (dtype) => (dtype === 'bool' ? undefined : 'bool');
const predicateOfFloats: ResultDtype = (dtype) => (dtype === 'float32' ? 'bool' : undefined);
const predicateOfBooleans: ResultDtype = (dtype) => (dtype === 'bool' ? dtype : undefined);
const integers: ResultDtype = (dtype) => (dtype === 'int32' ? dtype : undefined);

const dtypesOf = (result: ResultDtype): GridDtype[] =>
  (['float32', 'int32', 'bool'] as const).filter((dtype) => result(dtype) !== undefined);

const specials: Record<GridDtype, readonly number[]> = {
  float32: SPECIAL_FLOATS,
  int32: SPECIAL_INTEGERS,
  bool: [0, 1],
};

/** Rounds a number to a dtype. */
function toDtype(value: number, dtype: GridDtype): number {
  if (dtype === 'bool') return value === 0 ? 0 : 1;
  return dtype === 'int32' ? value | 0 : value;
}

function mapNumbers(x: GridNumbers, dtype: GridDtype, of: Unary): GridNumbers {
  return { shape: x.shape, dtype, values: Float64Array.from(x.values, (value) => toDtype(of(value), dtype)) };
}

/** Calls `of` with the numbers of each place of the operands, which are broadcast. */
function mapBroadcast(
  operands: readonly GridNumbers[],
  dtype: GridDtype,
  of: (...numbers: number[]) => number,
): GridNumbers {
  const rank = largest(operands.map(({ shape }) => shape.length));
  const padded = operands.map(({ shape }) => [...Array<number>(rank - shape.length).fill(1), ...shape]);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const lengths = padded.map((each) => each[axis]!);
    return lengths.find((length) => length !== 1) ?? 1;
  });
  const steps = padded.map((each) => stridesOf(each).map((stride, axis) => (each[axis] === 1 ? 0 : stride)));
  const values = new Float64Array(sizeOf(shape));
  forEachIndex(shape, (index, position) => {
    const numbers = operands.map(({ values: from }, operand) => from[positionOf(index, steps[operand]!)]!);
    values[position] = toDtype(of(...numbers), dtype);
  });
  return { shape, dtype, values };
}

function unary(of: Unary, result: ResultDtype, attributes: Readonly<Record<string, unknown>> = {}): KernelGrid {
  const dtypes = dtypesOf(result);
  return {
    draw: (draw) => ({ inputs: { x: draw.numbers(draw.shape(0, 5), draw.choose(dtypes)) }, attributes }),
    always: () =>
      dtypes.map((dtype) => ({
        inputs: { x: gridTensor([specials[dtype].length], dtype, specials[dtype]) },
        attributes,
      })),
    reference: ({ x }) => mapNumbers(x!, result(x!.dtype)!, of),
  };
}

function binary(of: Binary, result: ResultDtype, { divides = false } = {}): KernelGrid {
  const dtypes = dtypesOf(result);
  /** No integer is divided by 0. */
  const divisor = (b: GridNumbers): GridNumbers =>
    divides && b.dtype === 'int32'
      ? gridTensor(
          b.shape,
          b.dtype,
          Int32Array.from(b.values, (value) => (value === 0 ? 2 : value)),
        )
      : b;
  return {
    draw: (draw) => {
      const [a, b] = draw.broadcastShapes();
      const dtype = draw.choose(dtypes);
      return { inputs: { a: draw.numbers(a, dtype), b: divisor(draw.numbers(b, dtype)) } };
    },
    always: () =>
      dtypes.map((dtype) => {
        const values = specials[dtype];
        return {
          inputs: {
            a: gridTensor([values.length, 1], dtype, values),
            b: divisor(gridTensor([values.length], dtype, values)),
          },
        };
      }),
    reference: ({ a, b }) => mapBroadcast([a!, b!], result(a!.dtype)!, of),
    weight: 2,
  };
}

/** erf(x) = 2/√π Σ (-1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)), whose terms cancel beyond 4, where erf is 1 to float32's precision. */
function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) > 4) return Math.sign(x);
  let [sum, power] = [0, x];
  for (let n = 0; n < 80; n++) {
    sum += power / (2 * n + 1);
    power *= -(x * x) / (n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function roundHalfToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

const elu: Unary = (x) => (x < 0 ? Math.expm1(x) : x);
const relu: Unary = (x) => (x < 0 ? 0 : x);
const leaky =
  (slope: number): Unary =>
  (x) =>
    x < 0 ? slope * x : x;
/** Klambauer et al., "Self-normalizing neural networks", 2017. */
const [SELU_ALPHA, SELU_SCALE] = [1.6732632423543772, 1.0507009873554805];
/** Math.max and Math.min pass NaN on, as TensorFlow does. */
const clip =
  (low: number, high: number): Unary =>
  (x) =>
    Math.min(Math.max(x, low), high);
/** The floor of a quotient that is rounded to float32 first, save one of integers. */
const floorDivide: Binary = (a, b) =>
  Math.floor(Number.isInteger(a) && Number.isInteger(b) ? a / b : Math.fround(a / b));
const logistic: Unary = (x) => 1 / (1 + Math.exp(-x));

/** The remainder with the sign of the divisor. */
function floorModulo(a: number, b: number): number {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
}

/** C's pow, which TensorFlow has: 1 to any power is 1. JavaScript's power NaN and powers ±∞ of ±1 are NaN. */
function power(a: number, b: number): number {
  if (a === 1) return 1;
  return a === -1 && Math.abs(b) === Infinity ? 1 : a ** b;
}

export const elementwiseKernels: KernelGrids = {
  Abs: unary(Math.abs, arithmetic),
  Acos: unary(Math.acos, floats),
  Acosh: unary(Math.acosh, floats),
  Asin: unary(Math.asin, floats),
  Asinh: unary(Math.asinh, floats),
  Atan: unary(Math.atan, floats),
  Atanh: unary(Math.atanh, floats),
  Ceil: unary(Math.ceil, floats),
  ClipByValue: unary(clip(-1.5, 2.25), floats, { clipValueMin: -1.5, clipValueMax: 2.25 }),
  Cos: unary(Math.cos, floats),
  Cosh: unary(Math.cosh, floats),
  Elu: unary(elu, floats),
  Erf: unary(erf, floats),
  Exp: unary(Math.exp, floats),
  Expm1: unary(Math.expm1, floats),
  Floor: unary(Math.floor, floats),
  Identity: unary((x) => x, anyKept),
  IsFinite: unary((x) => Number(Number.isFinite(x)), predicateOfFloats),
  IsInf: unary((x) => Number(Math.abs(x) === Infinity), predicateOfFloats),
  IsNan: unary((x) => Number(Number.isNaN(x)), predicateOfFloats),
  LeakyRelu: unary(leaky(0.3), floats, { alpha: 0.3 }),
  Log: unary(Math.log, floats),
  Log1p: unary(Math.log1p, floats),
  LogicalNot: unary((x) => 1 - x, predicateOfBooleans),
  Neg: unary((x) => -x, arithmetic),
  OnesLike: unary(() => 1, anyKept),
  Reciprocal: unary((x) => 1 / x, floats),
  Relu: unary(relu, arithmetic),
  Relu6: unary(clip(0, 6), arithmetic),
  Round: unary(roundHalfToEven, floats),
  Rsqrt: unary((x) => 1 / Math.sqrt(x), floats),
  Selu: unary((x) => SELU_SCALE * (x < 0 ? SELU_ALPHA * Math.expm1(x) : x), floats),
  Sigmoid: unary(logistic, floats),
  // The sign of NaN is 0, as in TensorFlow and PyTorch.
  Sign: unary((x) => Number(x > 0) - Number(x < 0), arithmetic),
  Sin: unary(Math.sin, floats),
  Sinh: unary(Math.sinh, floats),
  Softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), floats),
  Sqrt: unary(Math.sqrt, floats),
  Square: unary((x) => x * x, arithmetic),
  Step: unary((x) => (x > 0 ? 1 : x <= 0 ? 0.25 : x), floats, { alpha: 0.25 }),
  Tan: unary(Math.tan, floats),
  Tanh: unary(Math.tanh, floats),
  ZerosLike: unary(() => 0, anyKept),

  Add: binary((a, b) => a + b, arithmetic),
  Atan2: binary(Math.atan2, floats),
  BitwiseAnd: binary((a, b) => a & b, integers),
  Equal: binary((a, b) => Number(a === b), predicate),
  FloorDiv: binary(floorDivide, arithmetic, { divides: true }),
  Greater: binary((a, b) => Number(a > b), order),
  GreaterEqual: binary((a, b) => Number(a >= b), order),
  Less: binary((a, b) => Number(a < b), order),
  LessEqual: binary((a, b) => Number(a <= b), order),
  LogicalAnd: binary((a, b) => Number(a !== 0 && b !== 0), predicateOfBooleans),
  LogicalOr: binary((a, b) => Number(a !== 0 || b !== 0), predicateOfBooleans),
  LogicalXor: binary((a, b) => Number(a !== b), predicateOfBooleans),
  Maximum: binary(Math.max, arithmetic),
  Minimum: binary(Math.min, arithmetic),
  Mod: binary(floorModulo, arithmetic, { divides: true }),
  Multiply: binary((a, b) => a * b, arithmetic),
  NotEqual: binary((a, b) => Number(a !== b), predicate),
  Pow: binary(power, floats),
  RealDiv: binary((a, b) => a / b, floats),
  SquaredDifference: binary((a, b) => (a - b) ** 2, arithmetic),
  Sub: binary((a, b) => a - b, arithmetic),

  Prelu: {
    draw: (draw) => {
      const [x, alpha] = draw.broadcastShapes();
      return { inputs: { x: draw.numbers(x, 'float32'), alpha: draw.floats(alpha) } };
    },
    reference: ({ x, alpha }) =>
      mapBroadcast([x!, alpha!], 'float32', (value, slope) => (value < 0 ? slope * value : value)),
  },
  EluGrad: {
    draw: (draw) => {
      const shape = draw.shape();
      return { inputs: { dy: draw.numbers(shape, 'float32'), y: draw.floats(shape) } };
    },
    reference: ({ dy, y }) =>
      mapBroadcast([dy!, y!], 'float32', (slope, value) => (value >= 0 ? slope : slope * (value + 1))),
  },
  AddN: {
    draw: (draw) => {
      const [shape, dtype] = [draw.shape(), draw.choose(['float32', 'int32'] as const)];
      return { inputs: draw.list(draw.integer(1, 5), () => draw.numbers(shape, dtype)) };
    },
    reference: (inputs) =>
      mapBroadcast(Object.values(inputs), inputs[0]!.dtype, (...numbers) =>
        numbers.reduce((sum, each) => sum + each, 0),
      ),
  },
  Select: {
    draw: (draw) => {
      const shape = draw.shape();
      return {
        inputs: {
          condition: draw.booleans(shape),
          t: draw.numbers(shape, draw.dtype()),
          e: draw.numbers(shape, draw.dtype()),
        },
      };
    },
    reference: ({ condition, t, e }) => {
      const wide = [t!, e!].some(({ dtype }) => dtype === 'float32')
        ? 'float32'
        : [t!, e!].some(({ dtype }) => dtype === 'int32')
          ? 'int32'
          : 'bool';
      return mapBroadcast([condition!, t!, e!], wide, (chosen, yes, no) => (chosen !== 0 ? yes : no));
    },
    weight: 2,
  },
  Cast: {
    draw: (draw) => {
      const [shape, from, dtype] = [draw.shape(), draw.dtype(), draw.dtype()];
      return {
        inputs: { x: from === 'float32' ? draw.floats(shape) : draw.numbers(shape, from) },
        attributes: { dtype },
      };
    },
    always: () =>
      (['float32', 'int32', 'bool'] as const).flatMap((from) =>
        (['float32', 'int32', 'bool'] as const).map((dtype) => {
          // Integers beyond the range of int32 have no integer, nor have NaN and ±∞.
          const values = specials[from].filter((value) => dtype !== 'int32' || Math.abs(value) < 2 ** 31);
          return { inputs: { x: gridTensor([values.length], from, values) }, attributes: { dtype } };
        }),
      ),
    reference: ({ x }, { dtype }: { dtype: GridDtype }) => {
      const limited = (value: number) => (dtype === 'int32' ? Math.trunc(value) : value);
      return mapNumbers(x!, dtype, limited);
    },
  },
};
