import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';

/** A tensor to be filled with random values. */
export interface Input {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  /** float32: values lie in [low, high); int32: in [low, high]. */
  readonly low: number;
  readonly high: number;
}

/** A function of tensors and its inputs. */
export interface Case {
  readonly inputs: readonly Input[];
  readonly run: (...inputs: Tensor[]) => Tensor | Tensor[];
  /** Positions of the inputs whose gradients are compared. Default: all float32 inputs. */
  readonly differentiated: readonly number[];
}

/** Arbitrary cases by the name of the operation. */
export type Cases = Readonly<Record<string, fc.Arbitrary<Case>>>;

/** A function with one parameter per input. */
type Run<Inputs extends readonly Input[]> = (...inputs: { [K in keyof Inputs]: Tensor }) => Tensor | Tensor[];

/** A case whose gradients are compared too. */
export function differentiable<const Inputs extends readonly Input[]>(inputs: Inputs, run: Run<Inputs>): Case {
  const differentiated = inputs.flatMap(({ dtype }, index) => (dtype === 'float32' ? [index] : []));
  return { inputs, run: run as unknown as Case['run'], differentiated };
}

/** A case whose values alone are compared: it has no gradients, or tfjs registers none. */
export function valuesOnly<const Inputs extends readonly Input[]>(inputs: Inputs, run: Run<Inputs>): Case {
  return { ...differentiable(inputs, run), differentiated: [] };
}

export const reals = (shape: readonly number[], low = -2, high = 2): Input => ({ shape, dtype: 'float32', low, high });
export const integers = (shape: readonly number[], low = -5, high = 5): Input => ({ shape, dtype: 'int32', low, high });
export const booleans = (shape: readonly number[]): Input => ({ shape, dtype: 'bool', low: 0, high: 1 });

/** Shapes of `minimumRank` to `maximumRank` axes of 1 to 4 elements. */
export const shapes = (minimumRank: number, maximumRank: number) =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: minimumRank, maxLength: maximumRank });

export const sizes = (min: number, max: number) => fc.integer({ min, max });

/** Two shapes that broadcast: axes of one are missing or 1 in the other. */
export const broadcastShapes = shapes(0, 3).chain((shape) => {
  const narrowed = fc
    .tuple(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }), sizes(0, shape.length))
    .map(([ones, dropped]) => shape.map((size, axis) => (ones[axis]! ? 1 : size)).slice(dropped));
  return fc.oneof(
    narrowed.map((other): [number[], number[]] => [shape, other]),
    narrowed.map((other): [number[], number[]] => [other, shape]),
  );
});

/** A shape and one of its axes. */
export const shapeAndAxis = (minimumRank = 1, maximumRank = 4) =>
  shapes(minimumRank, maximumRank).chain((shape) =>
    fc.record({ shape: fc.constant(shape), axis: sizes(0, shape.length - 1) }),
  );

/** A shape and some of its axes, perhaps none. */
export const shapeAndAxes = (minimumRank = 1, maximumRank = 4) =>
  shapes(minimumRank, maximumRank).chain((shape) =>
    fc.record({ shape: fc.constant(shape), axes: fc.subarray(shape.map((_, axis) => axis)) }),
  );

/** mulberry32: uniform in [0, 1). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Distance of random values from multiples of a half, where functions may jump or bend. */
const DISTANCE_FROM_HALVES = 0.02;

/** A tensor of random values. */
export function fill({ shape, dtype, low, high }: Input, random: () => number): Tensor {
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    if (dtype !== 'float32') return low + Math.floor(random() * (high - low + 1));
    const value = low + (high - low) * random();
    const halves = Math.round(value * 2) / 2;
    return Math.abs(value - halves) < DISTANCE_FROM_HALVES ? halves + DISTANCE_FROM_HALVES : value;
  });
  return tensor(values, [...shape], dtype);
}
