import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { RandomStream } from '../../random/random-stream.ts';
import type { Case, Input } from './case.ts';

const STEP = 1e-2;

/** Distinct values over the whole range in random order, further apart than the finite difference step. */
function spreadValues({ shape, low, high }: Input, seed: number): Float32Array {
  const count = tf.util.sizeFromShape([...shape]);
  const values = Float32Array.from({ length: count }, (_, index) => low + ((index + 0.5) * (high - low)) / count);
  return RandomStream.fromSeed(seed).shuffle(values);
}

export interface GradientCheck {
  /** Results of the operation, one array each. */
  readonly results: readonly ArrayLike<number>[];
  /** Largest difference between a derivative and its finite difference, relative to the largest derivative or to 1. */
  readonly error: number;
}

/**
 * Compares ∂/∂input of Σ result · w, w fixed, with (f(x + h v) - f(x - h v)) / 2h along three directions v for every
 * input. Values are further apart than h, so that no maximum changes its place.
 */
export async function checkGradients({ inputs, operation }: Case): Promise<GradientCheck> {
  const values = inputs.map(spreadValues);
  const create = (data: Float32Array, index: number) => tf.tensor(data, [...inputs[index]!.shape]);
  const run = (tensors: tf.Tensor[]): readonly tf.Tensor[] => [operation(...tensors)].flat();
  const weights = (index: number, shape: readonly number[]) =>
    tf.tensor(spreadValues({ shape, low: -1, high: 1 }, 100 + index), [...shape]);
  const loss = (...tensors: tf.Tensor[]): tf.Tensor => {
    const terms = run(tensors).map((result, index) => tf.sum(tf.mul(result, weights(index, result.shape))));
    return terms.length === 1 ? terms[0]! : tf.addN(terms);
  };
  const { results, gradients, differences } = tf.tidy(() => ({
    results: run(values.map(create)).map((result) => tf.clone(result)),
    gradients: tf.grads(loss)(values.map(create)),
    differences: values.map((data, index) => {
      const at = (direction: Float32Array, by: number): tf.Tensor =>
        tf.tidy(() => {
          const moved = data.map((value, element) => value + by * direction[element]!);
          return loss(...values.map((each, other) => create(other === index ? moved : each, other)));
        });
      const along = (by: number) => tf.stack(directions(inputs[index]!).map((direction) => at(direction, by)));
      return tf.mul(tf.sub(along(STEP), along(-STEP)), 1 / (2 * STEP));
    }),
  }));
  const read = (tensors: readonly tf.Tensor[]) => Promise.all(tensors.map((tensor) => tensor.data()));
  const [found, expected] = [await read(gradients), await read(differences)];
  const errors = found.map((gradient, index) => {
    const slopes = directions(inputs[index]!).map((direction) =>
      direction.reduce((sum, value, element) => sum + value * gradient[element]!, 0),
    );
    return largestDifference(slopes, expected[index]!);
  });
  const check = { results: await read(results), error: largest(errors) };
  tf.dispose([results, gradients, differences]);
  return check;
}

function directions({ shape }: Input): Float32Array[] {
  return [1, 2, 3].map((seed) => spreadValues({ shape, low: -1, high: 1 }, 200 + seed));
}

/** max |found - expected| / max(1, max |expected|). Infinite where the lengths differ or a value is NaN. */
export function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  const scale = Math.max(1, largest(Array.from(expected, Math.abs)));
  const difference =
    Math.max(0, largest(Array.from(found, (value, index) => Math.abs(value - expected[index]!)))) / scale;
  return Number.isNaN(difference) ? Infinity : difference;
}
