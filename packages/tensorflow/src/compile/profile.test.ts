import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';
import { CompileError } from './compile-error.ts';
import { profile } from './profile.ts';

describeNative('profile', () => {
  beforeAll(async () => {
    await register();
  });

  it('times the operations of a step, and leaves the variables as they are', () => {
    const weight = tf.variable(tf.ones([300, 200]));
    const outside = tf.ones([200]);
    const step = (x: tf.Tensor) => {
      const product = tf.add(tf.matMul(x, weight), outside);
      weight.assign(tf.mul(weight, 2));
      return tf.sum(tf.exp(product));
    };
    const { wallTimeInMs, operations } = profile(step, [tf.zeros([400, 300])]);
    expect(wallTimeInMs).toBeGreaterThan(0);
    expect(Array.from(weight.dataSync().slice(0, 2))).toEqual([1, 1]);
    const product = operations.find(({ operation }) => operation.includes('MatMul'))!;
    expect(product.timeInMs).toBeGreaterThan(0);
    expect(operations.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['Exp', 'Sum', 'AssignVariableOp']),
    );
    expect(operations.find(({ operation }) => operation === 'Exp')!.shapes).toBe('[400,200] → [400,200]');
    const times = operations.map(({ timeInMs }) => timeInMs);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it('refuses a function that cannot be compiled', () => {
    expect(() => profile((x: tf.Tensor) => tf.add(x, x.dataSync()[0]!), [tf.ones([2])])).toThrow(CompileError);
  });
});
