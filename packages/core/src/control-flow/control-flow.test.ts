import { compile, type CompileOptions } from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { chooseBackend } from '../node/backend.ts';
import { describeOn, describeNative } from '../testing/native.ts';
import { valueAndGradients } from '../train/value-and-gradients.ts';
import { cond, whileLoop } from './branches.ts';
import { scan } from './scan.ts';
import { tidied } from './tree.ts';

type Numbers = readonly number[][];
type Run = (fn: (...tensors: tf.Tensor[]) => tf.Tensor[], ...tensors: tf.Tensor[]) => Numbers;

const read = (tensors: readonly tf.Tensor[]): Numbers => tensors.map((tensor) => [...tensor.dataSync()]);
const eager: Run = (fn, ...tensors) => tidied(() => read(fn(...tensors)));
const compiled =
  (engine: NonNullable<CompileOptions['engine']>): Run =>
  (fn, ...tensors) => {
    const fast = compile(fn, { engine });
    const numbers = tidied(() => read(fast(...tensors)));
    fast.dispose();
    return numbers;
  };

const ways: [name: string, backend: 'cpu' | 'tensorflow', run: Run][] = [
  ['JavaScript', 'cpu', eager],
  ['eager TensorFlow', 'tensorflow', eager],
  ['grappler', 'tensorflow', compiled('grappler')],
  ['XLA', 'tensorflow', compiled('xla')],
];

function expectClose(found: Numbers, expected: Numbers): void {
  expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  for (const [index, values] of expected.entries())
    for (const [position, value] of values.entries()) expect(found[index]![position]).toBeCloseTo(value, 4);
}

for (const [name, backend, run] of ways)
  describeOn([backend], `control flow: ${name}`, () => {
    let tensorsBefore: number;
    beforeAll(async () => {
      await chooseBackend(backend);
    });
    beforeEach(() => {
      tf.engine().startScope();
      tensorsBefore = tf.memory().numTensors;
    });
    afterEach(() => {
      tf.engine().endScope();
    });

    const noLeak = (...given: unknown[]) => {
      expect(tf.memory().numTensors).toBe(tensorsBefore + given.length);
    };

    it('scan passes the carry on and stacks the outputs in input order', () => {
      const numbers = tf.tensor1d([1, 2, 3, 4]);
      const sums = (reverse: boolean) => (given: tf.Tensor) => {
        const step = (sum: tf.Tensor, each: tf.Tensor) => ({
          carry: tf.add(sum, each),
          output: { doubled: tf.mul(each, 2), sum },
        });
        const { carry, output } = scan(step, tf.scalar(10), given, { reverse });
        return [carry, output.sum, output.doubled];
      };
      expectClose(run(sums(false), numbers), [[20], [10, 11, 13, 16], [2, 4, 6, 8]]);
      expectClose(run(sums(true), numbers), [[20], [19, 17, 14, 10], [2, 4, 6, 8]]);
      noLeak(numbers);
    });

    it('scan over zero steps returns the carry', () => {
      const none = tf.tensor2d([], [0, 3]);
      const fn = (given: tf.Tensor) => {
        const { carry, output } = scan(
          (count: tf.Tensor, each: tf.Tensor) => ({ carry: tf.add(count, 1), output: tf.sum(each) }),
          tf.scalar(5),
          given,
        );
        return [carry, output];
      };
      expect(run(fn, none)).toEqual([[5], []]);
    });

    it('scan has the gradients of the unrolled loop for carry, inputs and captured tensors', () => {
      const weight = tf.tensor2d([0.5, -0.3, 0.2, 0.8], [2, 2]);
      const inputs = tf.tensor2d([1, 0.5, -1, 2, 0.3, 0.7], [3, 2]);
      const initial = tf.tensor2d([0.1, -0.2], [1, 2]);
      const step = (scaled: tf.Tensor) => (state: tf.Tensor, input: tf.Tensor) => {
        const next = tf.tanh(tf.add(tf.matMul(state, scaled), input));
        return { carry: next, output: tf.square(next) };
      };
      const loss = (loop: typeof scan) => (w: tf.Tensor, x: tf.Tensor, h: tf.Tensor) => {
        const scaled = tf.mul(w, 2); // intermediate tensor that the step captures
        const { carry, output } = loop(step(scaled), h, x, { reverse: true });
        return tf.add(tf.sum(tf.mul(output, tf.tensor3d([1, 2, 3, 4, 5, 6], [3, 1, 2]))), tf.sum(carry));
      };
      const gradients = (loop: typeof scan) => (w: tf.Tensor, x: tf.Tensor, h: tf.Tensor) =>
        tf.grads(loss(loop))([w, x, h]);
      const writtenOut = ((body: ReturnType<typeof step>, h: tf.Tensor, x: tf.Tensor) => {
        const outputs: tf.Tensor[] = [];
        let carry = h;
        for (const index of [2, 1, 0]) {
          const result = body(carry, tf.squeeze(tf.slice(x, [index, 0], [1, 2]), [0]));
          outputs[index] = result.output;
          carry = result.carry;
        }
        return { carry, output: tf.stack(outputs) };
      }) as unknown as typeof scan;
      const expected = eager(gradients(writtenOut), weight, inputs, initial);
      expectClose(run(gradients(scan), weight, inputs, initial), expected);
      noLeak(weight, inputs, initial);
    });

    it('nested scans train a variable', () => {
      const variable = tf.variable(tf.scalar(0.9));
      const inputs = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
      const decayed = (sum: tf.Tensor, each: tf.Tensor) => {
        const next = tf.add(tf.mul(sum, variable), each);
        return { carry: next, output: [] };
      };
      const fn = (given: tf.Tensor) => {
        const loss = () => ({
          loss: scan((sum: tf.Tensor, row: tf.Tensor) => ({ ...scan(decayed, sum, row) }), tf.scalar(0), given).carry,
        });
        const { terms, gradients } = valueAndGradients(loss, new Map([['decay', variable]]));
        return [terms.loss, gradients.decay!];
      };
      const polynomial = [6, 5, 4, 3, 2, 1];
      const value = polynomial.reduce((sum, c, power) => sum + c * 0.9 ** power, 0);
      const derivative = polynomial.reduce(
        (sum, c, power) => sum + (power === 0 ? 0 : c * power * 0.9 ** (power - 1)),
        0,
      );
      expectClose(run(fn, inputs), [[value], [derivative]]);
      variable.dispose();
    });

    it('scan carries integers alongside differentiable tensors', () => {
      const inputs = tf.tensor1d([1, 2, 3]);
      const fn = (given: tf.Tensor) =>
        tf.grads((x: tf.Tensor) => {
          const step = ({ sum, count }: { sum: tf.Tensor; count: tf.Tensor }, each: tf.Tensor) => ({
            carry: {
              sum: tf.add(sum, tf.mul(each, tf.cast(count, 'float32'))),
              count: tf.add(count, tf.scalar(1, 'int32')),
            },
            output: [],
          });
          return scan(step, { sum: tf.scalar(0), count: tf.scalar(1, 'int32') }, x).carry.sum;
        })([given]);
      expectClose(run(fn, inputs), [[1, 2, 3]]);
    });

    it('whileLoop runs a data-dependent number of rounds', () => {
      const fn = (limit: tf.Tensor) => {
        const collatz = { n: limit, steps: tf.scalar(0, 'int32') as tf.Tensor };
        const { n, steps } = whileLoop(
          (loop) => tf.greater(loop.n, tf.scalar(1, 'int32')),
          (loop) => {
            const half = tf.cast(tf.floorDiv(loop.n, tf.scalar(2, 'int32')), 'int32');
            const isEven = tf.equal(tf.mul(half, tf.scalar(2, 'int32')), loop.n);
            const next = cond(
              isEven,
              () => tf.clone(half),
              () => tf.add(tf.mul(loop.n, tf.scalar(3, 'int32')), tf.scalar(1, 'int32')),
            );
            return { n: next, steps: tf.add(loop.steps, tf.scalar(1, 'int32')) };
          },
          collatz,
        );
        return [n, steps];
      };
      const [six, one] = [tf.scalar(6, 'int32'), tf.scalar(1, 'int32')];
      expect(run(fn, six)).toEqual([[1], [8]]);
      expect(run(fn, one)).toEqual([[1], [0]]);
      noLeak(six, one);
    });

    it('cond runs one branch and has its gradient', () => {
      const fn = (x: tf.Tensor, y: tf.Tensor) => {
        const loss = (a: tf.Tensor, b: tf.Tensor) => {
          const cubed = tf.mul(tf.square(a), a);
          return cond(
            tf.greater(tf.sum(x), 0),
            () => tf.sum(tf.add(cubed, tf.mul(b, 0))),
            () => tf.sum(tf.mul(tf.mul(a, b), 5)),
          );
        };
        return [loss(x, y), ...tf.grads(loss)([x, y])];
      };
      const y = tf.tensor1d([3, 4]);
      expectClose(run(fn, tf.tensor1d([1, 2]), y), [[9], [3, 12], [0, 0]]);
      expectClose(run(fn, tf.tensor1d([-1, -2]), y), [[-55], [15, 20], [-5, -10]]);
    });

    it('mismatched shapes and dtypes are refused', () => {
      const grows = (h: tf.Tensor) => ({ carry: tf.concat([h, h]), output: [] });
      const one = tf.ones([1]);
      expect(() => run((x) => [scan(grows, x, tf.ones([3])).carry], one)).toThrow(
        'scan: the carry: tensor 0 expected float32 [1], got float32 [2]',
      );
      expect(() => run((x) => [scan(grows, x, [tf.ones([3]), tf.ones([2])]).carry], one)).toThrow(
        'scan: expected inputs [T, …] of one length, got [3], [2]',
      );
      expect(() =>
        run(
          (x) => [
            whileLoop(
              () => tf.scalar(1),
              (h) => h,
              x,
            ),
          ],
          one,
        ),
      ).toThrow('whileLoop: the condition: expected a bool scalar, got float32 []');
      expect(() =>
        run(
          (x) => [
            cond(
              x,
              () => x,
              () => x,
            ),
          ],
          one,
        ),
      ).toThrow('cond: the predicate: expected a bool scalar, got float32 [1]');
    });
  });

describeNative('control flow in a compiled function', () => {
  beforeAll(async () => {
    await chooseBackend('tensorflow');
  });

  it('is one graph operation at any length', () => {
    const fn = compile(
      (x: tf.Tensor) =>
        scan((sum: tf.Tensor, each: tf.Tensor) => ({ carry: tf.add(sum, each), output: sum }), tf.scalar(0), x).carry,
    );
    const lines = (length: number) => fn.dump('rewritten', tf.ones([length])).split('\n').length;
    expect(lines(500)).toBe(lines(2));
    expect(fn.dump('rewritten', tf.ones([2]))).toMatch(/^ {2}%\d+ = Add\(/m);
  });

  it('refuses gradients of a data-dependent loop, and variable updates inside a loop', () => {
    const halve = (x: tf.Tensor) =>
      whileLoop(
        (loop) => tf.greater(loop, 1),
        (loop) => tf.div(loop, 2),
        x,
      );
    expect(() => compile((x: tf.Tensor) => tf.grads(halve)([x]))(tf.scalar(10))).toThrow(
      /control-flow.test.ts:\d+.*has no gradient; use scan/,
    );
    const weight = tf.variable(tf.scalar(2));
    const shrink = () =>
      whileLoop(
        (loop) => tf.greater(loop, 1),
        (loop) => tf.div(loop, weight),
        tf.scalar(10),
      );
    expect(() => compile(() => tf.variableGrads(shrink, [weight]).grads)()).toThrow(/has no gradient; use scan/);
    const assigning = compile((x: tf.Tensor) => {
      const step = (h: tf.Tensor, each: tf.Tensor) => {
        weight.assign(tf.mul<tf.Scalar>(weight, each));
        return { carry: h, output: [] };
      };
      return scan(step, tf.scalar(0), x).carry;
    });
    expect(() => assigning(tf.ones([2]))).toThrow(
      /is updated inside a loop or a branch: return its value and assign it outside/,
    );
    expect(weight.dataSync()[0]).toBe(2);
    weight.dispose();
  });
});
