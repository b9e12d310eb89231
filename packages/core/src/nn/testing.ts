import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { chooseBackend } from '../node/backend.ts';

/** Tensor in the format of the reference scripts. */
export interface Numbers {
  readonly shape: number[];
  readonly values: number[];
}

export const BACKENDS = ['cpu', 'wasm', 'tensorflow'] as const;
export type Backend = (typeof BACKENDS)[number];

export async function startBackend(backend: Backend): Promise<void> {
  await chooseBackend(backend);
}

export function fromNumbers({ shape, values }: Numbers): tf.Tensor {
  return tf.tensor(values, shape, 'float32');
}

/**
 * Compares shapes, and values with a tolerance of 2e-5 times the largest expected value, or 2e-5 where that is below 1.
 */
export function expectClose(found: tf.Tensor, expected: Numbers | tf.Tensor): void {
  const values = expected instanceof tf.Tensor ? [...expected.dataSync()] : expected.values;
  expect(found.shape).toEqual(expected.shape);
  const differences = Array.from(found.dataSync(), (value, index) => Math.abs(value - values[index]!));
  expect(Math.max(0, largest(differences))).toBeLessThan(2e-5 * Math.max(1, largest(values.map(Math.abs))));
}
