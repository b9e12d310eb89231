import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';
import { CompileError } from './compile-error.ts';
import { compile } from './compile.ts';

const ENGINES = ['grappler', 'xla'] as const;

describeNative('compile', () => {
  let backend: TensorFlowBackend;

  beforeAll(async () => {
    ({ backend } = await register());
  });

  /** Two layers, a loss and its gradients in plain tfjs, as in every training step. */
  function perceptron() {
    const weights = [tf.variable(tf.randomNormal([5, 7], 0, 1, 'float32', 1)), tf.variable(tf.zeros([7]))];
    const [weight, bias] = weights as [tf.Variable, tf.Variable];
    const loss = (x: tf.Tensor, y: tf.Tensor) =>
      tf.tidy(() => {
        const logits = tf.add(tf.matMul(x, weight), bias);
        return tf.mean(tf.square(tf.sub(tf.softmax(logits), y))).asScalar();
      });
    const step = (x: tf.Tensor, y: tf.Tensor) => {
      const { value, grads } = tf.variableGrads(() => loss(x, y), weights);
      for (const variable of weights) variable.assign(tf.sub(variable, tf.mul(grads[variable.name]!, 0.5)));
      return { loss: value, gradients: weights.map((variable) => grads[variable.name]!) };
    };
    const x = tf.randomNormal([6, 5], 0, 1, 'float32', 2);
    const y = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 5], 'int32'), 7);
    return { weights, step, x, y };
  }

  it.each(ENGINES)('a training step returns its eager results and updates the variables (%s)', (engine) => {
    const eager = perceptron();
    const compiled = perceptron();
    const fast = compile(compiled.step, { engine });
    for (let i = 0; i < 5; i++) {
      const expected = eager.step(eager.x, eager.y);
      const actual = fast(compiled.x, compiled.y);
      expectClose(actual.loss, expected.loss);
      actual.gradients.forEach((gradient, index) => {
        expectClose(gradient, expected.gradients[index]!);
      });
    }
    compiled.weights.forEach((variable, index) => {
      expectClose(variable, eager.weights[index]!);
    });
    expect(fast.engine).toBe(engine);
    fast.dispose();
  });

  it('auto times both engines and leaves the variables as they are', () => {
    const eager = perceptron();
    const compiled = perceptron();
    const fast = compile(compiled.step);
    expectClose(fast(compiled.x, compiled.y).loss, eager.step(eager.x, eager.y).loss);
    compiled.weights.forEach((variable, index) => {
      expectClose(variable, eager.weights[index]!);
    });
    expect(ENGINES).toContain(fast.engine);
  });

  it('bfloat16 is near float32 and runs on grappler', () => {
    const [a, b] = [perceptron(), perceptron()];
    const fast = compile(b.step, { precision: 'bfloat16' });
    const expected = a.step(a.x, a.y).loss.dataSync()[0]!;
    expect(Math.abs(fast(b.x, b.y).loss.dataSync()[0]! - expected)).toBeLessThan(0.02 * expected);
    expect(fast.engine).toBe('grappler');
    expect(() => compile(b.step, { precision: 'bfloat16', engine: 'xla' })).toThrow("got 'xla'");
  });

  it('shares assignments of variables with uncompiled code, both ways', () => {
    const variable = tf.variable(tf.scalar(1));
    const double = compile(() => {
      variable.assign(tf.mul(variable, 2));
      return tf.add(variable, 0.5);
    });
    expect(double().dataSync()).toEqual(Float32Array.of(2.5));
    expect(variable.dataSync()).toEqual(Float32Array.of(2));
    variable.assign(tf.scalar(10));
    expect(double().dataSync()).toEqual(Float32Array.of(20.5));
    expect(variable.dataSync()).toEqual(Float32Array.of(20));
  });

  it('orders an update in place between the reads before and after it', () => {
    const variable = tf.variable(tf.tensor1d([1, 2]));
    const sgd = { momentum: 0, nesterov: false, weightDecay: 0 };
    const step = compile((gradient: tf.Tensor) => {
      const before = tf.mul(variable, 1.5);
      tf.engine().runKernel('SgdUpdate', { parameter: variable, gradient, learningRate: tf.scalar(1) }, sgd);
      return { before, after: tf.mul(variable, 1.5) };
    });
    const { before, after } = step(tf.ones([2]));
    expect(Array.from(before.dataSync())).toEqual([1.5, 3]);
    expect(Array.from(after.dataSync())).toEqual([0, 1.5]);
    expect(Array.from(variable.dataSync())).toEqual([0, 1]);
  });

  it('a variable may be assigned, updated in place, read and assigned again', () => {
    const run = (variable: tf.Variable, gradient: tf.Tensor) => {
      variable.assign(tf.mul(variable, 2));
      const inputs = { parameter: variable, gradient, learningRate: tf.scalar(1) };
      tf.engine().runKernel('SgdUpdate', inputs, { momentum: 0, nesterov: false, weightDecay: 0 });
      const between = tf.add(variable, 0.5);
      variable.assign(tf.mul(variable, 10));
      return between;
    };
    const [eager, compiled] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([1, 2]))];
    const fast = compile((gradient: tf.Tensor) => run(compiled, gradient));
    for (let i = 0; i < 3; i++) {
      expectClose(fast(tf.ones([2])), run(eager, tf.ones([2])));
      expectClose(compiled, eager);
    }
  });

  it('traces once for each shape, dtype and plain value of the arguments', () => {
    let traces = 0;
    const scale = compile((x: tf.Tensor, { by }: { by: number }) => {
      traces++;
      return [tf.mul(x, by), by] as const;
    });
    expect(scale(tf.ones([2]), { by: 3 })[0].dataSync()).toEqual(Float32Array.of(3, 3));
    const once = traces;
    expect(scale(tf.zeros([2]), { by: 3 })[0].dataSync()).toEqual(Float32Array.of(0, 0));
    expect(traces).toBe(once);
    expect(scale(tf.ones([1]), { by: 3 })[0].shape).toEqual([1]);
    expect(scale(tf.ones([1]), { by: 4 })[1]).toBe(4);
    expect(traces).toBe(3 * once);
  });

  it('captures tensors from outside, and returns arguments and constants', () => {
    const outside = tf.tensor1d([10, 20]);
    const all = compile((x: tf.Tensor) => {
      const sum = tf.add(x, outside);
      return { x, outside, sum, again: [sum, sum], constant: tf.tensor1d([7]) };
    });
    const result = all(tf.tensor1d([1, 2]));
    expect(Array.from(result.x.dataSync())).toEqual([1, 2]);
    expect(Array.from(result.outside.dataSync())).toEqual([10, 20]);
    for (const sum of [result.sum, ...result.again]) expect(Array.from(sum.dataSync())).toEqual([11, 22]);
    expect(Array.from(result.constant.dataSync())).toEqual([7]);
  });

  it('leaks no tensors', { timeout: 60_000 }, () => {
    const { step, x, y } = perceptron();
    const fast = compile(step, { engine: 'grappler' });
    const run = () => {
      tf.tidy(() => {
        fast(x, y);
      });
    };
    for (let i = 0; i < 10; i++) run();
    const before = [tf.memory(), backend.nativeTensors];
    for (let i = 0; i < 10_000; i++) run();
    expect([tf.memory(), backend.nativeTensors]).toEqual(before);
  });

  it('is the function itself on other backends', async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    const read = compile((x: tf.Tensor) => tf.add(x, 1).dataSync()[0]);
    expect(read(tf.scalar(1))).toBe(2);
    await tf.setBackend('tensorflow');
  });

  it('moves variables here from another backend', async () => {
    await tf.setBackend('cpu');
    const [own, unused] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([3]))];
    await tf.setBackend('tensorflow');
    const halve = compile(() => {
      own.assign(tf.mul(own, 0.5));
      return tf.sum(own);
    });
    expect([halve().dataSync()[0], halve().dataSync()[0]]).toEqual([1.5, 0.75]);
    expect([...own.dataSync(), ...unused.dataSync()]).toEqual([0.25, 0.5, 3]);
    tf.dispose([own, unused]);
    halve.dispose();
  });

  it('dumps the graph before and after the rewrites', () => {
    const fn = compile((x: tf.Tensor) => tf.reshape(tf.mul(tf.reshape(x, [2]), 1), [2]));
    const traced = fn.dump('traced', tf.ones([2]));
    expect(traced).toMatch(/^%0 = Placeholder\(.*\): float32\[2\]$/m);
    expect(traced).toMatch(/Mul/);
    expect(fn.dump('rewritten', tf.ones([2]))).not.toMatch(/Mul|Reshape/);
  });

  it('refuses code that cannot be compiled, with its line and the cure', () => {
    const here = /compile\.test\.ts:\d+:\d+: /;
    const refuse = (fn: (x: tf.Tensor) => unknown) => {
      const variables = Object.keys(tf.engine().registeredVariables).length;
      let message = '';
      try {
        compile(fn)(tf.ones([2]));
      } catch (error) {
        expect(error).toBeInstanceOf(CompileError);
        ({ message } = error as Error);
      }
      expect(message).toMatch(here);
      expect(Object.keys(tf.engine().registeredVariables).length).toBeLessThanOrEqual(variables + 1);
      return message;
    };
    expect(refuse((x) => tf.add(x, x.dataSync()[0]!))).toMatch(/is read inside a compiled function: return it/);
    expect(refuse((x) => tf.mul(x, tf.randomNormal([2])))).toMatch(/random numbers and clocks of the host/);
    expect(refuse((x) => tf.mul(x, Math.random()))).toMatch(/two traces of the same function differ/);
    const variable = tf.variable(tf.ones([2]));
    expect(refuse(() => backend.executeSingleOutput('Where', [{ name: 'T', type: 4, value: 1 }], [variable]))).toMatch(
      /shape of Where's result \(\[\?,1\]\) depends on data/,
    );
    expect(refuse(() => tf.add(tf.variable(tf.zeros([2])), 1))).toMatch(/created inside a compiled function/);
  });

  it('names a captured tensor that was disposed outside, and a symbolic tensor that is used outside', () => {
    const outside = tf.tensor1d([1]);
    const fn = compile((x: tf.Tensor) => tf.add(x, outside));
    fn(tf.ones([1]));
    outside.dispose();
    expect(() => fn(tf.ones([1]))).toThrow(/compile\.test\.ts:\d+:\d+: .*was disposed outside: keep it/);
    let escaped: tf.Tensor | undefined;
    compile((x: tf.Tensor) => {
      escaped = tf.keep(tf.add(x, 1));
      return x;
    })(tf.ones([1]));
    expect(() => escaped!.dataSync()).toThrow(/made inside a compiled function is used outside/);
  });

  it('refuses arguments that are not tensors, and names their place', () => {
    const fn = compile((x: unknown) => x);
    expect(() => fn({ a: [new Map()] })).toThrow(/^argument\[0\]\.a\[0\]: expected tensors.*got Map$/);
  });
});

function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const values = expected.dataSync<'float32'>();
  actual.dataSync<'float32'>().forEach((value, index) => {
    expect(Math.abs(value - values[index]!)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(values[index]!)));
  });
}
