import { RandomNumbers } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import { RandomStream } from './random-stream.ts';

describe('RandomStream', () => {
  it('draws the same values as `RandomNumbers` of its seed, and forks to streams', () => {
    const [stream, numbers] = [RandomStream.fromSeed(5), RandomNumbers.fromSeed(5)];
    expect([...stream.normalValues(7)]).toEqual([...numbers.normalValues(7)]);
    const fork = stream.fork('noise');
    expect(fork).toBeInstanceOf(RandomStream);
    expect(fork.state).toEqual(numbers.fork('noise').state);
    expect([...new RandomStream(stream.state).words(4)]).toEqual([...numbers.words(4)]);
    expect(() => RandomStream.fromSeed(-1)).toThrow('expected an integer of at least 0, got -1');
  });
});

describe('RandomStream tensors', () => {
  it('equal the host values on a backend without random kernels', async () => {
    await tf.setBackend('cpu');
    const tensor = RandomStream.fromSeed(1).normal([2, 3], 1, 2);
    expect(tensor.shape).toEqual([2, 3]);
    expect([...(await tensor.data())]).toEqual([...RandomStream.fromSeed(1).normalValues(6, 1, 2)]);
    tensor.dispose();
  });

  it('come from the device where it has random kernels, at the same position of the stream', async () => {
    await tf.setBackend('cpu');
    const calls: unknown[] = [];
    tf.registerKernel({
      kernelName: 'StatelessRandomNormal',
      backendName: 'cpu',
      kernelFunc: ({ attrs }) => {
        calls.push(attrs);
        return [tf.ones((attrs as unknown as { shape: number[] }).shape)];
      },
    });
    const stream = RandomStream.fromSeed(2 ** 32 - 1);
    const before = tf.memory().numTensors;
    const tensor = stream.normal([2, 5], 1, 2);
    expect(tf.memory().numTensors).toBe(before + 1);
    stream.normal([1]).dispose();
    expect([...(await tensor.data())]).toEqual(new Array(10).fill(3));
    expect(calls).toEqual([
      { shape: [2, 5], seed: [-1, 0], counter: 0 },
      { shape: [1], seed: [-1, 0], counter: 3 },
    ]);
    tensor.dispose();
    tf.unregisterKernel('StatelessRandomNormal', 'cpu');
  });
});
