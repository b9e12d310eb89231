import { compile } from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chooseBackend } from '../node/backend.ts';
import { describeOn } from '../testing/native.ts';
import { choose, type Choice } from './choose.ts';
import { scan } from './scan.ts';

type Run = (fn: (...tensors: tf.Tensor[]) => tf.Tensor[], ...tensors: tf.Tensor[]) => number[][];

const read = (tensors: tf.Tensor[]): number[][] => {
  const numbers = tensors.map((tensor) => [...tensor.dataSync()]);
  tf.dispose(tensors);
  return numbers;
};
const eager: Run = (fn, ...tensors) => read(tf.tidy(() => fn(...tensors)));
const compiled =
  (engine: 'grappler' | 'xla'): Run =>
  (fn, ...tensors) => {
    const fast = compile(fn, { engine });
    const numbers = read(fast(...tensors));
    fast.dispose();
    return numbers;
  };
const ways: [name: string, backend: 'cpu' | 'tensorflow', run: Run][] = [
  ['JavaScript', 'cpu', eager],
  ['eager TensorFlow', 'tensorflow', eager],
  ['grappler', 'tensorflow', compiled('grappler')],
  ['XLA', 'tensorflow', compiled('xla')],
];

for (const [name, backend, run] of ways)
  describeOn([backend], `choose: ${name}`, () => {
    let weights: tf.Variable[];
    /** Choices x ↦ w₀ x², w₁ x², w₂ x². */
    let choices: Choice[];
    beforeAll(async () => {
      await chooseBackend(backend);
    });
    beforeEach(() => {
      tf.engine().startScope();
      weights = [2, 3, 5].map((value) => tf.variable(tf.scalar(value)));
      choices = weights.map((weight) => ({
        forward: (x) => tf.mul(weight, tf.square(x)),
        parameters: [weight],
      }));
    });
    afterEach(() => {
      tf.engine().endScope();
      tf.dispose(weights);
    });
    const index = (value: number) => tf.scalar(value, 'int32');
    /** Output at x, and its gradients with respect to x and each weight. */
    const valueAndProducts = (chosen: tf.Tensor, x: tf.Tensor): tf.Tensor[] => {
      const loss = (input: tf.Tensor) => tf.sum(choose(chosen, input, choices));
      const { grads } = tf.variableGrads(() => loss(x) as tf.Scalar, weights);
      return [choose(chosen, x, choices), tf.grad(loss)(x), ...weights.map(({ name }) => grads[name]!)];
    };

    it('has the result and gradients of the choice, and exactly zero gradients for the others', () => {
      const x = tf.tensor1d([1, -2]);
      expect(run(valueAndProducts, index(0), x)).toEqual([[2, 8], [4, -8], [5], [0], [0]]);
      expect(run(valueAndProducts, index(1), x)).toEqual([[3, 12], [6, -12], [0], [5], [0]]);
      expect(run(valueAndProducts, index(2), x)).toEqual([[5, 20], [10, -20], [0], [0], [5]]);
    });

    it('is unaffected by NaN in the other choices', () => {
      weights[0]!.assign(tf.scalar(NaN));
      weights[2]!.assign(tf.scalar(NaN));
      expect(run(valueAndProducts, index(1), tf.tensor1d([1, -2]))).toEqual([[3, 12], [6, -12], [0], [5], [0]]);
    });

    it('chooses anew in each round of a scan', () => {
      const rounds = (chosen: tf.Tensor, x: tf.Tensor): tf.Tensor[] => {
        const loss = () => {
          const step = (sum: tf.Tensor, each: { chosen: tf.Tensor; x: tf.Tensor }) => {
            const output = choose(each.chosen, each.x, choices);
            return { carry: tf.add(sum, output), output };
          };
          return scan(step, tf.scalar(0), { chosen, x }).carry as tf.Scalar;
        };
        const { value, grads } = tf.variableGrads(loss, weights);
        return [value, ...weights.map(({ name }) => grads[name]!)];
      };
      const found = run(rounds, tf.tensor1d([2, 0, 2, 1], 'int32'), tf.tensor1d([1, 2, 3, 4]));
      expect(found).toEqual([[5 + 8 + 45 + 48], [4], [16], [10]]);
    });

    it('refuses an index out of range', () => {
      expect(() => choose(tf.scalar(0), tf.scalar(1), choices)).toThrow('an int32 scalar index, got float32 []');
      expect(() => choose(tf.tensor1d([0], 'int32'), tf.scalar(1), choices)).toThrow('got int32 [1]');
      expect(() => choose(index(0), tf.scalar(1), [])).toThrow('a choice at least, got none');
    });

    it('leaks no tensors', () => {
      const [chosen, x] = [index(2), tf.tensor1d([1, -2])];
      const before = tf.memory().numTensors;
      run(valueAndProducts, chosen, x);
      expect(tf.memory().numTensors).toBe(before);
    });
  });

describe('choose in JavaScript', () => {
  it('calls only the chosen function', async () => {
    await chooseBackend('cpu');
    const calls = [0, 0, 0];
    const counting = calls.map((_, position) => ({
      forward: (x: tf.Tensor) => {
        calls[position]!++;
        return tf.mul(x, position);
      },
      parameters: [],
    }));
    tf.tidy(() => choose(tf.scalar(2, 'int32'), tf.scalar(7), counting));
    expect(calls).toEqual([0, 0, 1]);
    // The backward pass runs it again, to record its tape.
    tf.tidy(() => tf.grad((x) => choose(tf.scalar(1, 'int32'), x, counting))(tf.scalar(7)));
    expect(calls).toEqual([0, 2, 1]);
  });
});
