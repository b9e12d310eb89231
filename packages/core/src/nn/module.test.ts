import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../random/random-stream.ts';
import { Conv2d } from './convolution.ts';
import { heNormal, normal, xavierNormal, xavierUniform, zeros, type Initializer } from './initializers.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';
import { buffer, parameter } from './parameter.ts';
import { Sequential } from './sequential.ts';
import { StateDictError } from './state-dict.ts';

const random = RandomStream.fromSeed(1);

class Block extends Module {
  readonly scale = parameter(tf.ones([2]));
  readonly count = buffer(tf.scalar(3, 'int32'));
  readonly encoder = new Sequential(new Linear(2, 3, { random }), tf.relu, new Conv2d(1, 2, { random, kernelSize: 3 }));
  readonly heads = [new Linear(3, 1, { random }), new Linear(3, 1, { random, bias: false })];
  readonly width = 3;
}

class Head extends Module {
  readonly weight: tf.Variable;
  readonly scale = parameter(tf.ones([1]));

  constructor(weight: tf.Variable) {
    super();
    this.weight = weight;
  }
}

/** A weight under two names, and a layer under two names. */
class Shared extends Module {
  readonly embed: Linear;
  readonly head: Head;
  readonly again: Linear;

  constructor(embed: Linear) {
    super();
    this.embed = embed;
    this.head = new Head(embed.weight);
    this.again = embed;
  }
}

describe('Module', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('names parameters and buffers as PyTorch does', () => {
    const block = new Block();
    expect([...block.namedParameters().keys()]).toEqual([
      'scale',
      'encoder.0.weight',
      'encoder.0.bias',
      'encoder.2.weight',
      'encoder.2.bias',
      'heads.0.weight',
      'heads.0.bias',
      'heads.1.weight',
    ]);
    expect([...block.namedBuffers().keys()]).toEqual(['count']);
    expect(block.parameterCount()).toBe(2 + 9 + 20 + 4 + 3);
    block.dispose();
  });

  it("copies its state to another module of the same kind, in PyTorch's layouts", () => {
    const [from, to] = [new Block(), new Block()];
    const before = tf.memory().numTensors;
    const state = from.stateDict();
    expect(state['encoder.2.weight']!.shape).toEqual([2, 1, 3, 3]);
    to.loadStateDict(state);
    tf.dispose(state);
    expect(tf.memory().numTensors).toBe(before);
    for (const [name, variable] of from.namedParameters())
      expect([...to.namedParameters().get(name)!.dataSync()]).toEqual([...variable.dataSync()]);
    // The copies have memory of their own.
    from.scale.assign(tf.zeros([2]));
    expect([...to.scale.dataSync()]).toEqual([1, 1]);
    from.dispose();
    to.dispose();
  });

  it('refuses the state of another module and stays unchanged', () => {
    const block = new Block();
    const state = (): Record<string, tf.Tensor> => ({ ...block.stateDict(), scale: tf.zeros([2]) });
    const messageOf = (changed: Record<string, tf.Tensor>): string => {
      try {
        block.loadStateDict(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(StateDictError);
        expect(error).toBeInstanceOf(UserError);
        return (error as Error).message;
      }
      throw new Error('expected a StateDictError, got none');
    };
    const { 'heads.1.weight': weight, ...missing } = state();
    expect(messageOf(missing)).toBe('state dict: expected tensor "heads.1.weight", found none');
    expect(messageOf({ ...missing, 'heads.1.wieght': weight! })).toBe(
      'state dict: expected tensor "heads.1.weight", found the unexpected "heads.1.wieght"',
    );
    expect(messageOf({ ...state(), more: tf.ones([1]) })).toBe(
      'state dict: unexpected tensor "more", expected 9 others',
    );
    expect(messageOf({ ...state(), 'encoder.2.weight': tf.ones([3, 3, 1, 2]) })).toBe(
      'state dict: tensor "encoder.2.weight" expected float32 [2, 1, 3, 3], found float32 [3, 3, 1, 2]',
    );
    expect(messageOf({ ...state(), count: tf.scalar(1) })).toBe(
      'state dict: tensor "count" expected int32 [], found float32 []',
    );
    expect([...block.scale.dataSync()]).toEqual([1, 1]);
    block.dispose();
  });

  it('counts a variable that two layers share once, and saves it under both names, as PyTorch does', () => {
    const embed = new Linear(3, 2, { random });
    const before = embed.stateDict();
    const tied = new Shared(embed);
    expect([...tied.namedParameters().keys()]).toEqual(['embed.weight', 'embed.bias', 'head.scale']);
    expect([...tied.namedModules()].map(([name]) => name)).toEqual(['embed', 'head']);
    expect(tied.parameterCount()).toBe(6 + 2 + 1);
    const state = tied.stateDict();
    const names = ['embed.weight', 'embed.bias', 'head.weight', 'head.scale', 'again.weight', 'again.bias'];
    expect(Object.keys(state)).toEqual(names);
    expect([...state['head.weight']!.dataSync()]).toEqual([...before.weight!.dataSync()]);
    const doubled = Object.fromEntries(Object.entries(state).map(([name, value]) => [name, tf.mul(value, 2)]));
    tied.loadStateDict(doubled);
    expect([...embed.weight.dataSync()]).toEqual([...tf.mul(before.weight!, 2).dataSync()]);
    tied.dispose();
    expect(embed.weight.isDisposed).toBe(true);
  });

  it('switches between training and evaluation in all submodules', () => {
    const block = new Block().eval();
    expect([block.training, block.encoder.training, block.heads[1]!.training]).toEqual([false, false, false]);
    expect(block.train().heads[0]!.training).toBe(true);
    block.dispose();
  });

  it('leaks no tensors', () => {
    const before = tf.memory().numTensors;
    const block = new Block();
    const input = tf.ones([1, 3]);
    tf.dispose([input, ...block.heads.map((head) => head.forward(input))]);
    block.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('initializers', () => {
  it.each<[string, Initializer, number]>([
    ['heNormal', heNormal, Math.sqrt(2 / 50)],
    ['xavierUniform', xavierUniform, Math.sqrt(6 / 250) / Math.sqrt(3)],
    ['xavierNormal', xavierNormal, Math.sqrt(2 / 250)],
    ['normal', normal(0.02), 0.02],
    ['zeros', zeros, 0],
  ])('%s has its standard deviation', (_, initializer, expected) => {
    const { mean, variance } = tf.moments(initializer([200, 50], { fanIn: 50, fanOut: 200 }, RandomStream.fromSeed(3)));
    expect(mean.dataSync()[0]).toBeCloseTo(0, 1);
    expect(Math.abs(Math.sqrt(variance.dataSync()[0]!) - expected)).toBeLessThan(0.03 * expected + 1e-9);
  });
});
