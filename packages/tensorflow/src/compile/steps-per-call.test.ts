import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';
import { compile } from './compile.ts';

const STEPS = 4;

/** A step with an update in place, an assignment, and noise that depends on the step's number. */
function noisyRegression() {
  const weight = tf.variable(tf.tensor2d([[0.5], [-1], [2]]));
  const [expAvg, expAvgSq] = [tf.variable(tf.zeros([3, 1])), tf.variable(tf.zeros([3, 1]))];
  const count = tf.variable(tf.scalar(0, 'int32'), false);
  const step = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }, number: tf.Tensor) => {
    const draw = { shape: [6, 3], seed: [1, 2], counter: 3 };
    const [noise] = tf.engine().runKernel<tf.Tensor[]>('StatelessRandomNormal', { step: number }, draw);
    const { value, grads } = tf.variableGrads(
      () => tf.mean(tf.squaredDifference(tf.matMul(tf.add(x, tf.mul(noise!, 0.1)), weight), y)).asScalar(),
      [weight],
    );
    const scalars = { stepSize: tf.scalar(0.01), epsilon: tf.scalar(1e-8) };
    const gradient = grads[weight.name]!;
    const slots = { parameter: weight, gradient, expAvg, expAvgSq };
    tf.engine().runKernel('AdamUpdate', { ...slots, ...scalars }, { beta1: 0.9, beta2: 0.999 });
    count.assign(tf.add(count, tf.scalar(1, 'int32')));
    return { loss: value, count: tf.clone(count), what: 'regression' };
  };
  const batches = Array.from({ length: 2 * STEPS + 1 }, (_, index) => ({
    x: tf.randomNormal([6, 3], 0, 1, 'float32', index + 1),
    y: tf.randomNormal([6, 1], 0, 1, 'float32', index + 100),
  }));
  const values = () => [weight, expAvg, expAvgSq, count].map((variable) => Array.from(variable.dataSync()));
  return { step, batches, values };
}

type Regression = ReturnType<typeof noisyRegression>;

const numbers = (start: number, count: number) =>
  tf.tensor1d(
    Array.from({ length: count }, (_, index) => start + index),
    'int32',
  );

/** Runs all batches in calls of several steps, the last one smaller. @returns losses and counts */
function runStacked(run: Regression['step'], batches: Regression['batches'], stepsPerCall: number) {
  const results: number[][] = [[], []];
  for (let start = 0; start < batches.length; start += stepsPerCall) {
    const some = batches.slice(start, start + stepsPerCall);
    const stacked = { x: tf.stack(some.map(({ x }) => x)), y: tf.stack(some.map(({ y }) => y)) };
    const { loss, count, what } = run(stacked, numbers(start, some.length));
    expect([loss.shape, what]).toEqual([[some.length], 'regression']);
    for (const value of loss.dataSync()) results[0]!.push(value);
    for (const value of count.dataSync()) results[1]!.push(value);
  }
  return results;
}

describeNative('stepsPerCall', () => {
  let backend: TensorFlowBackend;

  beforeAll(async () => {
    ({ backend } = await register());
  });

  it.each(['grappler', 'xla'] as const)('has the bits of single calls, also in a smaller last call (%s)', (engine) => {
    const [single, several] = [noisyRegression(), noisyRegression()];
    const one = compile(single.step, { engine });
    const expected = single.batches.map((batch, index) => one(batch, tf.scalar(index, 'int32')));
    const many = compile(several.step, { engine, stepsPerCall: STEPS });
    const [losses, counts] = runStacked(many, several.batches, STEPS);
    expect(losses).toEqual(expected.map(({ loss }) => loss.dataSync()[0]));
    expect(new Set(losses).size).toBe(several.batches.length);
    expect(counts).toEqual(several.batches.map((_, index) => index + 1));
    expect(several.values()).toEqual(single.values());
    expect(many.engine).toBe(engine);
  });

  it('traces once, whatever the number of steps', () => {
    let traces = 0;
    const variable = tf.variable(tf.scalar(1));
    const many = compile(
      (x: tf.Tensor) => {
        traces++;
        variable.assign(tf.mul(variable, x));
        return tf.clone(variable);
      },
      { stepsPerCall: 3 },
    );
    expect(Array.from(many(tf.tensor1d([2, 3, 4])).dataSync())).toEqual([2, 6, 24]);
    const once = traces;
    expect(Array.from(many(tf.tensor1d([2, 3])).dataSync())).toEqual([48, 144]);
    expect(Array.from(many(tf.tensor1d([10])).dataSync())).toEqual([1440]);
    expect(traces).toBe(once);
    expect(variable.dataSync()[0]).toBe(1440);
  });

  it('keeps loops inside the step, and arguments that are returned', () => {
    const weight = tf.variable(tf.tensor1d([1, 2]));
    const many = compile(
      (x: tf.Tensor, isAdded: tf.Tensor) => {
        weight.assign(tf.where(isAdded.cast('bool'), tf.add(weight, x), tf.mul(weight, x)));
        return [x, weight.clone()];
      },
      { stepsPerCall: 2, engine: 'grappler' },
    );
    const x = tf.tensor2d([
      [1, 1],
      [3, 4],
    ]);
    const [same, weights] = many(x, tf.tensor1d([true, false], 'bool'));
    expect(same!.arraySync()).toEqual(x.arraySync());
    expect(weights!.arraySync()).toEqual([
      [2, 3],
      [6, 12],
    ]);
  });

  it('leaks no tensors, and frees its functions', () => {
    const { step, batches, values } = noisyRegression();
    const many = compile(step, { engine: 'grappler', stepsPerCall: STEPS });
    const stacked = {
      x: tf.stack(batches.slice(0, 3).map(({ x }) => x)),
      y: tf.stack(batches.slice(0, 3).map(({ y }) => y)),
    };
    const index = numbers(0, 3);
    const run = () => {
      tf.tidy(() => {
        many(stacked, index);
      });
    };
    for (let i = 0; i < 10; i++) run();
    values();
    run();
    const before = [tf.memory(), backend.nativeTensors];
    for (let i = 0; i < 500; i++) run();
    expect([tf.memory(), backend.nativeTensors]).toEqual(before);
    many.dispose();
    run();
    expect(tf.memory().numTensors).toBe((before[0] as tf.MemoryInfo).numTensors);
  });

  it('refuses arguments that are not stacked alike, or hold too many steps', () => {
    const many = compile((x: tf.Tensor, y: tf.Tensor) => tf.add(x, y), { stepsPerCall: 2 });
    expect(() => many(tf.ones([2, 5]), tf.ones([3, 5]))).toThrow(
      'stepsPerCall 2: expected arguments with one first axis of 1 to 2 steps, got [2,5] [3,5]',
    );
    expect(() => many(tf.ones([3]), tf.ones([3]))).toThrow('got [3] [3]');
    expect(() => many(tf.scalar(1), tf.scalar(1))).toThrow('got [] []');
    expect(() => compile(() => tf.scalar(1), { stepsPerCall: 2 })()).toThrow('got no tensors');
    expect(() => compile(() => 1, { stepsPerCall: 0 })).toThrow('stepsPerCall expected a positive integer, got 0');
  });
});

it('is a JavaScript loop on other backends, and leaks nothing', async () => {
  await tf.setBackend('cpu');
  const variable = tf.variable(tf.scalar(1));
  const many = compile(
    ({ x }: { x: tf.Tensor }) => {
      variable.assign(tf.mul(variable, x));
      return { product: tf.add(variable, 0), x };
    },
    { stepsPerCall: 3 },
  );
  const x = tf.tensor1d([2, 3, 4]);
  const before = tf.memory().numTensors;
  const result = many({ x });
  expect(Array.from(result.product.dataSync())).toEqual([2, 6, 24]);
  expect(Array.from(result.x.dataSync())).toEqual([2, 3, 4]);
  tf.dispose(result);
  expect(tf.memory().numTensors).toBe(before);
  expect(Array.from((await many.async([{ x: tf.tensor1d([0.5]) }])).product.dataSync())).toEqual([12]);
});
