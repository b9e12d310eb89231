import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { chooseBackend } from '../node/backend.ts';

/** A tensor as the reference scripts write it. */
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

/** Agreement to 2e-5 of the largest value. */
export function expectClose(found: tf.Tensor, expected: Numbers | tf.Tensor): void {
  const values = expected instanceof tf.Tensor ? [...expected.dataSync()] : expected.values;
  expect(found.shape).toEqual(expected.shape);
  const differences = Array.from(found.dataSync(), (value, index) => Math.abs(value - values[index]!));
  expect(Math.max(0, ...differences)).toBeLessThan(2e-5 * Math.max(1, ...values.map(Math.abs)));
}
