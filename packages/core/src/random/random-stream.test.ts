import { philox } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import { RandomStream } from './random-stream.ts';

const moments = (values: ArrayLike<number>): { mean: number; deviation: number } => {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const variance = list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length;
  return { mean, deviation: Math.sqrt(variance) };
};

describe('philox', () => {
  // Known answers: Random123 1.14, tests/kat_vectors, philox4x32 10.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('gives the published words for counter %j', (counter, key, expected) => {
    const output = new Uint32Array(4);
    philox(counter, key, output);
    expect([...output]).toEqual([...expected]);
  });
});

describe('RandomStream', () => {
  it('repeats for a seed and differs between seeds and draws', () => {
    const draw = (seed: number): number[] => [...RandomStream.fromSeed(seed).words(8)];
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1)).not.toEqual(draw(1 + 2 ** 32));
    const stream = RandomStream.fromSeed(1);
    expect([...stream.words(8)]).not.toEqual([...stream.words(8)]);
  });

  it('goes on exactly from its state', () => {
    const stream = RandomStream.fromSeed(3);
    stream.normalValues(7);
    const resumed = new RandomStream(JSON.parse(JSON.stringify(stream.state)) as typeof stream.state);
    expect([...resumed.normalValues(5)]).toEqual([...stream.normalValues(5)]);
    expect([...resumed.permutation(9)]).toEqual([...stream.permutation(9)]);
  });

  it('forks by name, whatever was drawn before', () => {
    const parent = RandomStream.fromSeed(5);
    const before = parent.fork('noise').words(4);
    parent.words(100);
    expect([...parent.fork('noise').words(4)]).toEqual([...before]);
    const names = ['noise', 'noisf', '', 'a longer name than one block of sixteen bytes', 1, '1', 'nöise'];
    const first = new Set(names.map((name) => parent.fork(name).words(1)[0]!));
    expect(first.size).toBe(names.length);
    expect(parent.fork('a').fork('b').state).not.toEqual(parent.fork('b').fork('a').state);
  });

  it('draws the moments of its distributions', () => {
    const stream = RandomStream.fromSeed(7);
    const uniform = stream.uniformValues(20_000, -1, 3);
    expect(moments(uniform).mean).toBeCloseTo(1, 1);
    expect(moments(uniform).deviation).toBeCloseTo(4 / Math.sqrt(12), 1);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...uniform)).toBeLessThan(3);
    const normal = stream.normalValues(20_001, 2, 0.5);
    expect(normal).toHaveLength(20_001);
    expect(moments(normal).mean).toBeCloseTo(2, 1);
    expect(moments(normal).deviation).toBeCloseTo(0.5, 1);
    const kurtosis = moments(normal.map((value) => ((value - 2) / 0.5) ** 4)).mean;
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.2);
  });

  it('draws integers evenly, ends included and excluded', () => {
    const counts = new Map<number, number>();
    for (const value of RandomStream.fromSeed(9).integers(6000, -1, 2)) counts.set(value, (counts.get(value) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual([-1, 0, 1]);
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(() => RandomStream.fromSeed(1).integers(1, 3, 3)).toThrow('expected low < high');
  });

  it('permutes: each index once, each place as likely', () => {
    const stream = RandomStream.fromSeed(11);
    expect([...stream.permutation(100)].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    const places = Array.from({ length: 4000 }, () => stream.permutation(4).indexOf(0));
    for (const place of [0, 1, 2, 3]) {
      const count = places.filter((found) => found === place).length;
      expect(Math.abs(count - 1000)).toBeLessThan(120);
    }
    expect([...stream.permutation(0)]).toEqual([]);
  });

  it('refuses what is no seed and no state', () => {
    expect(() => RandomStream.fromSeed(-1)).toThrow('expected an integer of at least 0, got -1');
    expect(() => RandomStream.fromSeed(0.5)).toThrow('got 0.5');
    expect(() => new RandomStream({ key: [1, Number.NaN], position: 0 })).toThrow('random state');
  });
});

describe('RandomStream tensors', () => {
  it('are the host values where the backend draws none', async () => {
    await tf.setBackend('cpu');
    const tensor = RandomStream.fromSeed(1).normal([2, 3], 1, 2);
    expect(tensor.shape).toEqual([2, 3]);
    expect([...(await tensor.data())]).toEqual([...RandomStream.fromSeed(1).normalValues(6, 1, 2)]);
    tensor.dispose();
  });

  it('are drawn on the device where it can, from the same place in the stream', async () => {
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
