import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';

function runKernel(name: string, inputs: Record<string, tf.Tensor>, attributes: object): unknown {
  return tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap);
}

interface Hyperparameters {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
}

/** Scalars that the optimizer computes once per step for all parameters. */
function adamScalars(step: number, given: Hyperparameters): Record<string, tf.Tensor> {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = given;
  const secondCorrection = Math.sqrt(1 - beta2 ** step);
  return {
    stepSize: tf.scalar((learningRate * secondCorrection) / (1 - beta1 ** step)),
    epsilon: tf.scalar(epsilon * secondCorrection),
    ...(weightDecay !== 0 && { decay: tf.scalar(1 - learningRate * weightDecay) }),
  };
}

describeNative('training kernels', () => {
  let backend: TensorFlowBackend;

  beforeAll(async () => {
    ({ backend } = await register());
  });

  const start = [1, -2, 3];
  const gradients = [
    [0.1, -0.2, 0.3],
    [-0.5, 0.2, 0.1],
    [0.3, 0.3, -0.9],
  ];

  it.each([0, 0.1])('AdamUpdate follows the algorithm of the papers (weight decay %s)', (weightDecay) => {
    const [learningRate, beta1, beta2, epsilon] = [0.01, 0.9, 0.99, 1e-3];
    const parameter = tf.variable(tf.tensor1d(start));
    const expAvg = tf.variable(tf.zeros([3]));
    const expAvgSq = tf.variable(tf.zeros([3]));
    const expected = start.slice();
    const [m, v] = [Float64Array.of(0, 0, 0), Float64Array.of(0, 0, 0)];
    gradients.forEach((gradient, index) => {
      const step = index + 1;
      const slots = { parameter, gradient: tf.tensor1d(gradient), expAvg, expAvgSq };
      const hyperparameters = { learningRate, beta1, beta2, epsilon, weightDecay };
      runKernel('AdamUpdate', { ...slots, ...adamScalars(step, hyperparameters) }, { beta1, beta2 });
      gradient.forEach((g, i) => {
        expected[i]! *= 1 - learningRate * weightDecay;
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        const denominator = Math.sqrt(v[i] / (1 - beta2 ** step)) + epsilon;
        expected[i]! -= (learningRate * m[i]) / (1 - beta1 ** step) / denominator;
      });
    });
    parameter.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
  });

  it.each([
    { momentum: 0, nesterov: false, weightDecay: 0 },
    { momentum: 0, nesterov: false, weightDecay: 0.1 },
    { momentum: 0.9, nesterov: false, weightDecay: 0 },
    { momentum: 0.9, nesterov: false, weightDecay: 0.1 },
    { momentum: 0.9, nesterov: true, weightDecay: 0.1 },
  ])('SgdUpdate is PyTorch’s SGD: %o', ({ momentum, nesterov, weightDecay }) => {
    const learningRate = 0.1;
    const parameter = tf.variable(tf.tensor1d(start));
    const momentumBuffer = tf.variable(tf.zeros([3]));
    const expected = start.slice();
    const buffer = [0, 0, 0];
    for (const gradient of gradients) {
      const slots = { parameter, gradient: tf.tensor1d(gradient), ...(momentum === 0 ? {} : { momentumBuffer }) };
      const inputs = { ...slots, learningRate: tf.scalar(learningRate) };
      runKernel('SgdUpdate', inputs, { momentum, nesterov, weightDecay });
      gradient.forEach((value, i) => {
        const g = value + weightDecay * expected[i]!;
        buffer[i] = momentum * buffer[i]! + g;
        expected[i]! -= learningRate * (nesterov ? g + momentum * buffer[i] : buffer[i]);
      });
    }
    parameter.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
  });

  it('leaves tensors that share the value unchanged, and refuses a tensor that is not a variable', () => {
    const initial = tf.tensor1d(start);
    const parameter = tf.variable(initial);
    const snapshot = parameter.clone();
    const sgd = { momentum: 0, nesterov: false, weightDecay: 0 };
    const learningRate = tf.scalar(1);
    runKernel('SgdUpdate', { parameter, learningRate, gradient: tf.ones([3]) }, sgd);
    expect(Array.from(parameter.dataSync())).toEqual([0, -3, 2]);
    expect(Array.from(initial.dataSync())).toEqual(start);
    expect(Array.from(snapshot.dataSync())).toEqual(start);
    expect(() => runKernel('SgdUpdate', { parameter: initial, learningRate, gradient: initial }, sgd)).toThrow(
      'expected a variable, got a tensor',
    );
  });

  it('keeps the value of a result computed before an update', () => {
    const parameter = tf.variable(tf.tensor1d(start));
    const sgd = { momentum: 0, nesterov: false, weightDecay: 0 };
    const learningRate = tf.scalar(1);
    runKernel('SgdUpdate', { parameter, learningRate, gradient: tf.zeros([3]) }, sgd);
    const reshaped = tf.reshape(parameter, [3, 1]);
    runKernel('SgdUpdate', { parameter, learningRate, gradient: tf.ones([3]) }, sgd);
    expect(Array.from(reshaped.dataSync())).toEqual(start);
  });

  it('leaks nothing over many updates', () => {
    const parameter = tf.variable(tf.tensor1d(start));
    const expAvg = tf.variable(tf.zeros([3]));
    const expAvgSq = tf.variable(tf.zeros([3]));
    const gradient = tf.ones([3]);
    const update = (step: number) => {
      const [beta1, beta2] = [0.9, 0.999];
      const scalars = adamScalars(step, { learningRate: 1e-3, beta1, beta2, epsilon: 1e-8, weightDecay: 0.1 });
      runKernel('AdamUpdate', { parameter, gradient, expAvg, expAvgSq, ...scalars }, { beta1, beta2 });
      tf.dispose(scalars);
      parameter.dataSync();
    };
    for (let step = 1; step <= 100; step++) update(step);
    const before = tf.memory();
    for (let step = 101; step <= 1100; step++) update(step);
    expect(tf.memory()).toEqual(before);
    expect(backend.nativeTensors).toBe((before as unknown as { numNativeTensors: number }).numNativeTensors);
  });

  it('draws standard normal or uniform numbers, equal only for the same key and counter', () => {
    const draw = (kernel: string, seed: [number, number], counter: number) =>
      tf.tidy(() =>
        (runKernel(kernel, {}, { shape: [20_000], seed, counter }) as tf.Tensor[])[0]!.dataSync<'float32'>(),
      );
    const normal = draw('StatelessRandomNormal', [1, 2], 3);
    const mean = normal.reduce((sum, x) => sum + x, 0) / normal.length;
    const variance = normal.reduce((sum, x) => sum + (x - mean) ** 2, 0) / normal.length;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(normal.length));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / normal.length));
    expect(draw('StatelessRandomNormal', [1, 2], 3)).toEqual(normal);
    expect(draw('StatelessRandomNormal', [1, 2], 4)).not.toEqual(normal);
    expect(draw('StatelessRandomNormal', [-1, 2], 3)).not.toEqual(normal);
    const atStep = (step: number, counter: number) =>
      tf.tidy(() => {
        const inputs = { step: tf.scalar(step, 'int32') };
        const attributes = { shape: [4], seed: [1, 2], counter };
        return (runKernel('StatelessRandomNormal', inputs, attributes) as tf.Tensor[])[0]!.dataSync();
      });
    expect(atStep(5, 1)).toEqual(atStep(5, 1));
    expect(atStep(5, 1)).not.toEqual(atStep(6, 1));
    expect(atStep(5, 1)).not.toEqual(atStep(5, 2));
    const uniform = draw('StatelessRandomUniform', [1, 2], 3);
    expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true);
  });
});
