import { add, grads, mul, sum, type Scalar, scalar, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { compile } from '../../compile.ts';
import type { Engine } from '../../compiled-function.ts';
import { type Case, fill, type Input, reals, uniform } from './cases.ts';

/**
 * Allowed difference of float32 values, as a fraction of the largest of: their own size, a tenth of the largest value
 * in their tensor, and 0.01. Cancellation of large terms makes an element less precise; the terms of a gradient are
 * about 1.
 */
const TOLERANCE = 1e-5;

/** Compares values, real or complex, with a tolerance. */
export function expectClose(actual: Tensor, expected: Tensor, allowed = TOLERANCE): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dtype).toBe(expected.dtype);
  const [got, wanted] = [actual, expected].map((each) => Array.from<number>(each.dataSync())) as [number[], number[]];
  const largest = wanted.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  const isReal = expected.dtype === 'float32' || expected.dtype === 'complex64';
  const wrong = wanted.findIndex((value, index) => {
    if (!isReal || !Number.isFinite(value)) return !sameValue(got[index]!, value);
    return !(Math.abs(got[index]! - value) <= allowed * Math.max(Math.abs(value), largest / 10, 0.01));
  });
  if (wrong >= 0)
    expect.fail(`element ${wrong} of [${expected.shape}]: compiled ${got[wrong]}, eager ${wanted[wrong]}`);
}

/** NaN equals NaN, and 0 equals −0. */
const sameValue = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));

interface Computed {
  readonly values: readonly Tensor[];
  readonly gradients: readonly Tensor[];
}

/**
 * Compares a case compiled and eager: its values, and the gradients of the sum of its float32 results, each weighted by
 * random numbers. A second round with other values finds values frozen into the function by mistake.
 */
export function check({ inputs, run, differentiated }: Case, engine: Engine, seed: number, allowed = TOLERANCE): void {
  const compute = (tensors: Tensor[], upstream: Tensor[]): Computed => {
    const values = [run(...tensors)].flat();
    if (differentiated.length === 0) return { values, gradients: [] };
    const weighed = (...some: Tensor[]): Scalar => {
      const all = [...tensors];
      differentiated.forEach((position, index) => (all[position] = some[index]!));
      const terms = realOnes([run(...all)].flat()).map((value, index) => sum(mul(value, upstream[index]!)));
      return terms.reduce((a, b) => add(a, b), scalar(0)).asScalar();
    };
    return { values, gradients: grads(weighed)(differentiated.map((position) => tensors[position]!)) };
  };
  const compiled = compile(compute, { engine });
  try {
    for (const random of [uniform(seed), uniform(seed + 1)]) {
      const tensors = inputs.map((input: Input) => fill(input, random));
      const shapes = realOnes([run(...tensors)].flat()).map(({ shape }) => shape);
      const upstream = shapes.map((shape) => fill(reals(shape), random));
      const expected = compute(tensors, upstream);
      const actual = compiled(tensors, upstream);
      for (const part of ['values', 'gradients'] as const) {
        expect(actual[part]).toHaveLength(expected[part].length);
        expected[part].forEach((tensor, index) => {
          try {
            expectClose(actual[part][index]!, tensor, allowed);
          } catch (error) {
            throw new Error(`${part}[${index}]: ${(error as Error).message}`, { cause: error });
          }
        });
      }
    }
  } finally {
    compiled.dispose();
  }
}

const realOnes = (tensors: readonly Tensor[]) => tensors.filter(({ dtype }) => dtype === 'float32');
