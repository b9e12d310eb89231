import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  denseBincount,
  diag,
  einsum,
  getKernelsForBackend,
  leakyRelu,
  lowerBound,
  mean,
  multinomial,
  round,
  scatterND,
  sign,
  step,
  tan,
  tensor1d,
  tensor2d,
  tensorScatterUpdate,
  upperBound,
  zeros,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';

const int = (values: number[]) => tensor1d(values, 'int32');

describeNative('kernels', () => {
  beforeAll(async () => {
    await register();
  });

  it('are those of tfjs-node, and more', () => {
    const folder = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json');
    const files = readdirSync(join(dirname(folder), 'dist/kernels')).filter((file) => file.endsWith('.js'));
    const names = files.map((file) => file.replace(/\.js$/, ''));
    expect(names.length).toBeGreaterThan(150);
    const registered = new Set(getKernelsForBackend('tensorflow').map(({ kernelName }) => kernelName));
    expect(names.filter((name) => !registered.has(name))).toEqual([]);
    expect(registered.size).toBeGreaterThan(names.length);
  });

  it('take integers and empty tensors', () => {
    expect([...step(int([-2, 0, 3]), -7).dataSync()]).toEqual([-7, -7, 1]);
    expect([...round(int([-12345678, 16777217])).dataSync()]).toEqual([-12345678, 16777217]);
    expect(leakyRelu(int([-10]), 0.5).arraySync()).toEqual([-5]);
    expect(mean(int([1, 2])).arraySync()).toBe(1.5);
    expect(mean(tensor1d([1, 1, 0, 0], 'bool')).arraySync()).toBe(0.5);
    expect(diag(tensor1d([1, 0], 'bool')).arraySync()).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(sign(tensor1d([NaN, -Infinity, -0, 5])).arraySync()).toEqual([0, -1, 0, 1]);
    for (const kernel of [sign, step, tan, round]) expect(kernel(tensor1d([])).shape).toEqual([0]);
    expect(step(int([])).shape).toEqual([0]);
  });

  it('round the tangent of the float32 correctly', () => {
    const x = Float32Array.from({ length: 200 }, (_, i) => 1.57 + i * 1e-5);
    expect([...tan(tensor1d(x)).dataSync()]).toEqual([...x].map((value) => Math.fround(Math.tan(value))));
  });

  it('scatter by a vector of indices', () => {
    expect(scatterND(int([4, 1, 1]), tensor1d([1, 2, 3]), [5]).arraySync()).toEqual([0, 5, 0, 0, 1]);
    const updated = tensorScatterUpdate(zeros([3]), tensor2d([[2]], [1, 1], 'int32'), tensor1d([7]));
    expect(updated.arraySync()).toEqual([0, 0, 7]);
  });

  it('search sequences of any two dtypes', () => {
    expect([...lowerBound(tensor1d([1, 3, 3, 5]), int([3, 6])).dataSync()]).toEqual([1, 4]);
    expect([...upperBound(int([1, 3, 3, 5]), tensor1d([3, 0.5])).dataSync()]).toEqual([3, 0]);
    expect([...upperBound(tensor1d([0, 0, 1], 'bool'), tensor1d([0], 'bool')).dataSync()]).toEqual([2]);
  });

  it('count into bins, and skip values beyond the size', () => {
    const counts = denseBincount(
      tensor2d(
        [
          [1, 1, 9],
          [0, 2, 2],
        ],
        [2, 3],
        'int32',
      ),
      [],
      3,
    );
    expect(counts.arraySync()).toEqual([
      [0, 2, 0],
      [1, 0, 2],
    ]);
    expect(() => denseBincount(int([-1]), [1], 3)).toThrow('non-negative');
  });

  describe('einsum', () => {
    const x = tensor2d([
      [1, 2],
      [3, 4],
    ]);
    it('takes repeated axes: a trace and a diagonal', () => {
      expect(einsum('ii->', x).arraySync()).toBe(5);
      expect(einsum('ii->i', x).arraySync()).toEqual([1, 4]);
    });
    it('refuses an output label that no input has', () => {
      expect(() => einsum('ij->ik', x)).toThrow('label k not present');
    });
  });

  describe('multinomial', () => {
    it('draws the same for the same seed, and other numbers if its last bit differs', () => {
      const draw = (seed: number): number[] => [...multinomial([0, 0, 0, 0], 50, seed).dataSync()];
      expect(draw(0.5)).toEqual(draw(0.5));
      expect(draw(0.5)).not.toEqual(draw(0.5 + 2 ** -53));
    });
    it('draws in proportion to probabilities, and never a class of probability 0', () => {
      const draws = multinomial(tensor1d([0.2, 0, 0.8]), 20_000, 7, true).dataSync();
      const share = draws.filter((draw) => draw === 0).length / draws.length;
      expect(share).toBeCloseTo(0.2, 1);
      expect(draws.includes(1)).toBe(false);
    });
  });
});
