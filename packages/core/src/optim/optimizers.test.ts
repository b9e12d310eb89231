import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Module, type NamedVariables } from '../nn/module.ts';
import { parameter } from '../nn/parameter.ts';
import { chooseBackend } from '../node/backend.ts';
import { describeOn } from '../testing/native.ts';
import { valueAndGradients } from '../train/value-and-gradients.ts';
import { Adagrad } from './adagrad.ts';
import { Adam, AdamW } from './adam.ts';
import { clipByGlobalNorm, clipByValue } from './clip-gradients.ts';
import { Lion } from './lion.ts';
import { undecayedVectors, type Optimizer } from './optimizer.ts';
import reference from './reference.json' with { type: 'json' };
import { RmsProp } from './rmsprop.ts';
import { Sgd } from './sgd.ts';

const START = [0.5, -1, 2, 0, 3, -0.25];
const startingParameters = (): NamedVariables => new Map([['layer.weight', parameter(tf.tensor2d(START, [2, 3]))]]);
const weightOf = (parameters: NamedVariables): tf.Variable => parameters.get('layer.weight')!;
/** Gradient as in `reference.py`: sin(parameter · step) + 0.1. */
const gradientsOf = (parameters: NamedVariables, step: number): Record<string, tf.Tensor> =>
  tf.tidy(() => ({ 'layer.weight': tf.add(tf.sin(tf.mul(weightOf(parameters), step)), 0.1) }));
const takeSteps = (optimizer: Optimizer, first: number, last: number): void => {
  for (let step = first; step <= last; step++) {
    const gradients = gradientsOf(optimizer.parameters, step);
    optimizer.step(gradients, 0.1);
    tf.dispose(gradients);
  }
};
// TensorFlow's kernel keeps β₂ in float32, so 1 - β₂ has five digits. Centering subtracts numbers close together.
const TOLERANCE = 5e-6;
const expectClose = (found: tf.Tensor, expected: readonly number[]): void => {
  const values = found.dataSync();
  expect(values).toHaveLength(expected.length);
  for (const [index, value] of expected.entries())
    expect(Math.abs(values[index]! - value)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(value)));
};

class Layer extends Module {
  readonly weight: tf.Variable;

  constructor(weight: tf.Variable) {
    super();
    this.weight = weight;
  }
}

class Tied extends Module {
  readonly first: Layer;
  readonly second: Layer;

  constructor(weight: tf.Variable) {
    super();
    this.first = new Layer(weight);
    this.second = new Layer(weight);
  }
}

const optimizers = {
  sgd: (parameters: NamedVariables) => new Sgd(parameters),
  sgdDecay: (parameters: NamedVariables) => new Sgd(parameters, { weightDecay: 0.05 }),
  momentum: (parameters: NamedVariables) => new Sgd(parameters, { momentum: 0.9, weightDecay: 0.05 }),
  nesterov: (parameters: NamedVariables) => new Sgd(parameters, { momentum: 0.9, nesterov: true }),
  adam: (parameters: NamedVariables) => new Adam(parameters, { beta1: 0.8, beta2: 0.95 }),
  adamLargeEpsilon: (parameters: NamedVariables) => new Adam(parameters, { epsilon: 0.1 }),
  adamW: (parameters: NamedVariables) => new AdamW(parameters, { weightDecay: 0.3 }),
  adagrad: (parameters: NamedVariables) => new Adagrad(parameters, { weightDecay: 0.05 }),
  rmsprop: (parameters: NamedVariables) => new RmsProp(parameters, { smoothing: 0.9 }),
  rmspropCentered: (parameters: NamedVariables) =>
    new RmsProp(parameters, { momentum: 0.5, centered: true, weightDecay: 0.05 }),
  lion: (parameters: NamedVariables) => new Lion(parameters),
  lionDecay: (parameters: NamedVariables) => new Lion(parameters, { weightDecay: 0.3 }),
} satisfies Record<string, (parameters: NamedVariables) => Optimizer>;
const names = Object.keys(optimizers) as (keyof typeof optimizers)[];

describeOn(['cpu', 'tensorflow'], 'optimizers on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it.each(names)('%s matches PyTorch and leaks no tensors', (name) => {
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

  it.each(names)('%s resumes exactly from its state', (name) => {
    const first = optimizers[name](startingParameters());
    takeSteps(first, 1, 3);
    const second = optimizers[name](new Map([['layer.weight', parameter(tf.clone(weightOf(first.parameters)))]]));
    second.loadStateDict(first.stateDict());
    takeSteps(first, 4, 5);
    takeSteps(second, 4, 5);
    expect([...weightOf(second.parameters).dataSync()]).toEqual([...weightOf(first.parameters).dataSync()]);
  });

  it('apply the learning rate and weight decay of each group', () => {
    const parameters = new Map(
      ['first', 'second'].map((name) => [name, parameter(tf.tensor2d(START, [2, 3]))] as const),
    );
    const second = { matches: (name: string) => name === 'second', learningRateFactor: 0.5, weightDecay: 0 };
    const optimizer = new AdamW(parameters, { weightDecay: 0.3, groups: [second] });
    for (let step = 1; step <= 5; step++) {
      tf.tidy(() => {
        const gradients = [...parameters].map(([name, value]) => [name, tf.add(tf.sin(tf.mul(value, step)), 0.1)]);
        optimizer.step(Object.fromEntries(gradients) as Record<string, tf.Tensor>, 0.1);
      });
    }
    expectClose(parameters.get('first')!, reference.groups.first);
    expectClose(parameters.get('second')!, reference.groups.second);
  });

  it('apply no weight decay to vectors where requested', () => {
    const parameters = new Map([
      ['weight', parameter(tf.ones([2, 2]))],
      ['bias', parameter(tf.ones([2]))],
    ]);
    const optimizer = new Lion(parameters, { weightDecay: 0.5, groups: [undecayedVectors] });
    optimizer.step({ weight: tf.zeros([2, 2]), bias: tf.zeros([2]) }, 0.1);
    expectClose(parameters.get('weight')!, [0.95, 0.95, 0.95, 0.95]);
    expectClose(parameters.get('bias')!, [1, 1]);
  });

  it('step a variable that two layers share once', () => {
    const weight = parameter(tf.tensor2d([1, -2, 3], [1, 3]));
    const model = new Tied(weight);
    const before = tf.memory().numTensors;
    const stepped = (optimizer: Optimizer, w: readonly number[]): number[] => {
      model.first.weight.assign(tf.tensor2d([...w], [1, 3]));
      // ∂/∂w of Σ w² + w = 2 w + 1, half of it through each layer
      const loss = () => ({ loss: tf.sum<tf.Tensor>(tf.add(tf.square(model.first.weight), model.second.weight)) });
      const { terms, gradients } = valueAndGradients(loss, model.namedParameters());
      optimizer.step(gradients, 0.1);
      tf.dispose([terms, gradients]);
      optimizer.dispose();
      return [...model.second.weight.dataSync()];
    };
    const start = [1, -2, 3];
    const found = tf.tidy(() => stepped(new Sgd(model.namedParameters()), start));
    expectClose(
      tf.tensor1d(found),
      start.map((w) => w - 0.1 * (2 * w + 1)),
    );
    // Adam's first step is the sign of the gradient.
    const adam = tf.tidy(() => stepped(new AdamW(model.namedParameters(), { weightDecay: 0.3 }), start));
    expectClose(
      tf.tensor1d(adam),
      start.map((w) => w * (1 - 0.1 * 0.3) - 0.1 * Math.sign(2 * w + 1)),
    );
    expect(tf.memory().numTensors).toBe(before + 2);
    const twice = new Map([
      ['first.weight', weight],
      ['second.weight', weight],
    ]);
    expect(() => new Sgd(twice)).toThrow('expected each variable once, got one both as "first.weight" and as "second.');
    weight.dispose();
  });

  it('refuse the state of other parameters', () => {
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

  it('run where the backend has them', () => {
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

describe('clipByValue', () => {
  it('clips each value as PyTorch does', () => {
    const before = tf.memory().numTensors;
    const clipped = clipByValue({ a: tf.tensor1d([3, -4, 0.5, -0.5]) }, 1);
    expectClose(clipped.a!, reference.clippedByValue);
    tf.dispose(clipped);
    expect(tf.memory().numTensors).toBe(before);
  });
});
