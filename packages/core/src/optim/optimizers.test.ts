import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NamedVariables } from '../nn/module.ts';
import { parameter } from '../nn/parameter.ts';
import { chooseBackend } from '../node/backend.ts';
import { Adam, AdamW } from './adam.ts';
import { clipByGlobalNorm } from './clip-gradients.ts';
import type { Optimizer } from './optimizer.ts';
import reference from './reference.json' with { type: 'json' };
import { constantSchedule, cosineSchedule } from './schedules.ts';
import { Sgd } from './sgd.ts';

const START = [0.5, -1, 2, 0, 3, -0.25];
const startingParameters = (): NamedVariables => new Map([['layer.weight', parameter(tf.tensor2d(START, [2, 3]))]]);
const weightOf = (parameters: NamedVariables): tf.Variable => parameters.get('layer.weight')!;
/** The gradient of `reference.py`: sin(parameter · step) + 0.1. */
const gradientsOf = (parameters: NamedVariables, step: number): Record<string, tf.Tensor> =>
  tf.tidy(() => ({ 'layer.weight': tf.add(tf.sin(tf.mul(weightOf(parameters), step)), 0.1) }));
const takeSteps = (optimizer: Optimizer, first: number, last: number): void => {
  for (let step = first; step <= last; step++) {
    const gradients = gradientsOf(optimizer.parameters, step);
    optimizer.step(gradients, 0.1);
    tf.dispose(gradients);
  }
};
// TensorFlow's kernel holds β₂ in float32, and with it 1 - β₂ to five digits.
const tolerance = (): number => (tf.getBackend() === 'tensorflow' ? 5e-6 : 1e-6);
const expectClose = (found: tf.Tensor, expected: readonly number[]): void => {
  const values = found.dataSync();
  expect(values).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) expect(Math.abs(values[index]! - value)).toBeLessThan(tolerance());
};

const optimizers: Record<
  'sgd' | 'sgdDecay' | 'momentum' | 'nesterov' | 'adam' | 'adamLargeEpsilon' | 'adamW',
  (parameters: NamedVariables) => Optimizer
> = {
  sgd: (parameters) => new Sgd(parameters),
  sgdDecay: (parameters) => new Sgd(parameters, { weightDecay: 0.05 }),
  momentum: (parameters) => new Sgd(parameters, { momentum: 0.9, weightDecay: 0.05 }),
  nesterov: (parameters) => new Sgd(parameters, { momentum: 0.9, nesterov: true }),
  adam: (parameters) => new Adam(parameters, { beta1: 0.8, beta2: 0.95 }),
  adamLargeEpsilon: (parameters) => new Adam(parameters, { epsilon: 0.1 }),
  adamW: (parameters) => new AdamW(parameters, { weightDecay: 0.3 }),
};
const names = Object.keys(optimizers) as (keyof typeof optimizers)[];

const hasTensorflow = await chooseBackend('tensorflow').then(
  () => true,
  () => false,
);
// Without TensorFlow's library there are no fused kernels to compare.
const backends = (['cpu', 'tensorflow'] as const).filter((name) => name !== 'tensorflow' || hasTensorflow);

describe.each(backends)('optimisers on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it.each(names)('%s goes where PyTorch goes, and leaks nothing', (name) => {
    const before = tf.memory().numTensors;
    const optimizer = optimizers[name](startingParameters());
    takeSteps(optimizer, 1, 1);
    const afterOne = tf.memory().numTensors;
    takeSteps(optimizer, 2, 5);
    expect(tf.memory().numTensors).toBe(afterOne);
    const expected = reference[name];
    expectClose(weightOf(optimizer.parameters), expected.parameter);
    const state = optimizer.stateDict();
    for (const [slot, values] of Object.entries(expected.slots)) expectClose(state[`${slot}.layer.weight`]!, values);
    expectClose(state.step!, [5]);
    tf.dispose(state);
    optimizer.dispose();
    weightOf(optimizer.parameters).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(names)('%s goes on exactly from its state', (name) => {
    const first = optimizers[name](startingParameters());
    takeSteps(first, 1, 3);
    const second = optimizers[name](new Map([['layer.weight', parameter(tf.clone(weightOf(first.parameters)))]]));
    second.loadStateDict(first.stateDict());
    takeSteps(first, 4, 5);
    takeSteps(second, 4, 5);
    expect([...weightOf(second.parameters).dataSync()]).toEqual([...weightOf(first.parameters).dataSync()]);
  });

  it('refuse what is not theirs', () => {
    const optimizer = new Adam(startingParameters());
    expect(() => {
      optimizer.loadStateDict(new Sgd(startingParameters()).stateDict());
    }).toThrow('expected tensor "exp_avg.layer.weight", found none');
    expect(() => {
      optimizer.step({}, 0.1);
    }).toThrow('no gradient for parameter "layer.weight"');
    expect(() => new Sgd(startingParameters(), { nesterov: true })).toThrow('expected a momentum above 0');
  });
});

describe('fused kernels', () => {
  const calls: { inputs: string[]; attrs: unknown }[] = [];
  const register = (kernelName: string): void => {
    tf.registerKernel({
      kernelName,
      backendName: 'cpu',
      kernelFunc: ({ inputs, attrs }) => {
        calls.push({ inputs: Object.keys(inputs), attrs });
        return [];
      },
    });
  };
  const registered = ['AdamUpdate', 'SgdUpdate'];
  beforeAll(async () => {
    await chooseBackend('cpu');
    registered.forEach(register);
  });
  afterEach(() => calls.splice(0));

  it('are used where the backend has them', () => {
    takeSteps(new AdamW(startingParameters(), { weightDecay: 0.3 }), 1, 2);
    takeSteps(new Sgd(startingParameters(), { momentum: 0.9 }), 1, 1);
    takeSteps(new Sgd(startingParameters()), 1, 1);
    const adam = {
      inputs: ['parameter', 'gradient', 'expAvg', 'expAvgSq', 'stepSize', 'epsilon', 'decay'],
      attrs: { beta1: 0.9, beta2: 0.999 },
    };
    const sgd = { nesterov: false, weightDecay: 0 };
    expect(calls).toEqual([
      adam,
      adam,
      { inputs: ['parameter', 'gradient', 'learningRate', 'momentumBuffer'], attrs: { ...sgd, momentum: 0.9 } },
      { inputs: ['parameter', 'gradient', 'learningRate'], attrs: { ...sgd, momentum: 0 } },
    ]);
    for (const kernelName of registered) tf.unregisterKernel(kernelName, 'cpu');
  });
});

describe('clipByGlobalNorm', () => {
  it.each([
    [2, reference.clipped],
    [20, reference.notClipped],
  ])('scales by the norm of all, as PyTorch does, at most %f', (maxNorm, expected) => {
    const before = tf.memory().numTensors;
    const { gradients, norm } = clipByGlobalNorm({ a: tf.tensor1d([3, 4]), b: tf.tensor1d([12]) }, maxNorm);
    expectClose(norm, [expected.norm]);
    expectClose(gradients.a!, expected.gradients[0]!);
    expectClose(gradients.b!, expected.gradients[1]!);
    tf.dispose([norm, gradients]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('schedules', () => {
  it('rise and fall as those of PyTorch', () => {
    const schedule = cosineSchedule({ learningRate: 0.1, warmupSteps: 4, totalSteps: 12 });
    const rates = Array.from({ length: 12 }, (_, step) => schedule(step));
    for (const [step, rate] of reference.cosine.entries()) expect(rates[step]).toBeCloseTo(rate, 9);
  });

  it('end at their lowest and stay there', () => {
    const schedule = cosineSchedule({ learningRate: 1, totalSteps: 10, finalFraction: 0.1 });
    expect(schedule(0)).toBe(1);
    expect(schedule(10)).toBeCloseTo(0.1, 12);
    expect(schedule(1000)).toBeCloseTo(0.1, 12);
    expect(constantSchedule(0.3)(99)).toBe(0.3);
  });
});
