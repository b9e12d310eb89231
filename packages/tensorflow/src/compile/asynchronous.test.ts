import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';
import { compile } from './compile.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describeNative('compiled functions on another thread', () => {
  let backend: TensorFlowBackend;

  beforeAll(async () => {
    ({ backend } = await register());
  });

  /** Multiplies matrices `products` times, then adds to a variable. */
  function slowUpdate(products: number) {
    const variable = tf.variable(tf.zeros([2]));
    const matrix = tf.keep(tf.mul(tf.eye(400), 0.5));
    const step = compile(
      (by: tf.Tensor) => {
        let product: tf.Tensor = matrix;
        for (let i = 0; i < products; i++) product = tf.matMul(product, matrix);
        const before = tf.mul(variable, 1);
        variable.assign(tf.add(variable, tf.add(by, tf.mul(tf.sum(product), 0))));
        return before;
      },
      { engine: 'grappler' },
    );
    step(tf.zeros([2])).dispose();
    return { variable, step };
  }

  it('returns the result of a plain call while the event loop runs', async () => {
    const { variable, step } = slowUpdate(60);
    const running = step.async([tf.tensor1d([1, 2])]);
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    await running;
    clearInterval(counting);
    expect(turns).toBeGreaterThan(3);
    expect(Array.from((await running).dataSync())).toEqual([0, 0]);
    expect(Array.from(variable.dataSync())).toEqual([1, 2]);
  });

  it('locks the variables that it updates until it ends', async () => {
    const { variable, step } = slowUpdate(20);
    const running = step.async([tf.ones([2])]);
    await nextTurn();
    expect(() => variable.dataSync()).toThrow('a variable [2] is read while an asynchronous call updates it: await');
    expect(() => step(tf.ones([2]))).toThrow('a variable [2] is updated while an asynchronous call updates it: await');
    expect(() => tf.add(variable, 1)).toThrow('await that call first');
    await running;
    expect(Array.from(variable.dataSync())).toEqual([1, 1]);
    variable.assign(tf.zeros([2]));
    expect(Array.from(step(tf.ones([2])).dataSync())).toEqual([0, 0]);
  });

  it('leaves variables that it only reads readable', async () => {
    const weight = tf.variable(tf.ones([300, 300]));
    const { step, variable } = slowUpdate(10);
    const read = compile((x: tf.Tensor) => tf.matMul(tf.matMul(x, weight), weight), { engine: 'grappler' });
    const sgd = { momentum: 0, nesterov: false, weightDecay: 0 };
    const update = () => {
      const inputs = { parameter: weight, gradient: tf.ones([300, 300]), learningRate: tf.scalar(1) };
      tf.engine().runKernel('SgdUpdate', inputs, sgd);
    };
    update();
    const [running, other] = [read.async([tf.ones([300, 300])]), step.async([tf.ones([2])])];
    await nextTurn();
    expect(weight.dataSync()[0]).toBe(0);
    expect(update).toThrow('is updated while an asynchronous call reads it');
    expect((await running).dataSync()[0]).toBe(0);
    await other;
    expect(variable.dataSync()[0]).toBe(1);
  });

  it('runs calls on the same variables in order, each with its own arguments', async () => {
    const { variable, step } = slowUpdate(5);
    const calls = Array.from({ length: 6 }, (_, index) => {
      const by = tf.fill([2], index);
      const running = step.async([by]);
      by.dispose(); // before the queued call begins
      return running;
    });
    const results = await Promise.all(calls);
    expect(results.map((result) => result.dataSync()[0])).toEqual([0, 0, 1, 3, 6, 10]);
    expect(variable.dataSync()[0]).toBe(15);
  });

  it('reports an assignment during the call as an error, not a lost update', async () => {
    const { variable, step } = slowUpdate(20);
    const running = step.async([tf.ones([2])]);
    await nextTurn();
    variable.assign(tf.fill([2], 7));
    await expect(running).rejects.toThrow(
      `variable ${variable.name} was assigned while an asynchronous call updated it`,
    );
    expect(Array.from(variable.dataSync())).toEqual([7, 7]);
    await step.async([tf.ones([2])]);
    expect(Array.from(variable.dataSync())).toEqual([8, 8]);
  });

  it('leaks no tensors, canceled calls included', async () => {
    const { step } = slowUpdate(2);
    const by = tf.ones([2]);
    const run = async (isCanceled: boolean) => {
      const controller = new AbortController();
      const running = step.async([by], { signal: controller.signal });
      if (isCanceled) controller.abort();
      await running.then(
        (result) => {
          result.dispose();
        },
        () => undefined,
      );
    };
    for (let i = 0; i < 5; i++) await run(i % 2 === 0);
    const before = [tf.memory(), backend.nativeTensors];
    for (let i = 0; i < 200; i++) await run(i % 2 === 0);
    expect([tf.memory(), backend.nativeTensors]).toEqual(before);
  });

  it('ends well when disposed in the middle of a call', async () => {
    const { variable, step } = slowUpdate(20);
    const running = step.async([tf.ones([2])]);
    await nextTurn();
    step.dispose();
    await running;
    expect(Array.from(variable.dataSync())).toEqual([1, 1]);
    expect(Array.from(step(tf.ones([2])).dataSync())).toEqual([1, 1]);
  });
});

describeNative('canceling', () => {
  beforeAll(async () => {
    await register();
  });

  /** Updates one variable at once, and another in place after a long loop. */
  function longStep() {
    const early = tf.variable(tf.zeros([3]));
    const late = tf.variable(tf.zeros([3]));
    const matrix = tf.keep(tf.mul(tf.eye(300), 0.5));
    const sgd = { momentum: 0, nesterov: false, weightDecay: 0 };
    const update = (parameter: tf.Variable, gradient: tf.Tensor) => {
      tf.engine().runKernel('SgdUpdate', { parameter, gradient, learningRate: tf.scalar(-1) }, sgd);
    };
    const step = compile(
      (by: tf.Tensor) => {
        update(early, by);
        let product: tf.Tensor = matrix;
        for (let i = 0; i < 10; i++) product = tf.matMul(product, matrix);
        update(late, tf.add(by, tf.mul(tf.sum(product), 0)));
        return tf.sum(product);
      },
      { engine: 'grappler', stepsPerCall: 2000 },
    );
    step(tf.zeros([1, 3])).dispose();
    return { early, late, step };
  }

  const ones = (steps: number) => tf.ones([steps, 3]);

  it('ends a call early with the signal’s reason and restores the variables', async () => {
    const { early, late, step } = longStep();
    await step.async([ones(2)]);
    const controller = new AbortController();
    const running = step.async([ones(2000)], { signal: controller.signal });
    await nextTurn();
    controller.abort();
    await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }) as Error);
    expect([early, late].map((variable) => Array.from(variable.dataSync()))).toEqual([
      [2, 2, 2],
      [2, 2, 2],
    ]);
    await step.async([ones(1)], { signal: new AbortController().signal });
    expect([early, late].map((variable) => variable.dataSync()[0])).toEqual([3, 3]);
  });

  it('obeys an aborted signal before anything runs, and ignores one that aborts too late', async () => {
    const { early, step } = longStep();
    const reason = new Error('enough');
    await expect(step.async([ones(1)], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const result = await step.async([ones(1)], { signal: controller.signal });
    controller.abort();
    expect(result.shape).toEqual([1]);
    expect(early.dataSync()[0]).toBe(1);
  });
});
