import { findLibrary } from '@motley/tensorflow/library';
import { nativeGate } from '@motley/test-tools';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Contender } from './contender.ts';

const { describeNative } = await nativeGate(findLibrary);

describe('Contender', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('reports the reason why a side cannot start', async () => {
    vi.stubEnv('MOTLEY_TENSORFLOW_LIBRARY', '/nowhere/at/all');
    await expect(Contender.start('ours')).rejects.toThrow(/^ours: .*\/nowhere\/at\/all, which does not exist/);
  });
});

describeNative('Contender of our TensorFlow', () => {
  it('runs operations in its own process, and survives a failing operation', async () => {
    const contender = await Contender.start('ours');
    try {
      expect(contender.version).toMatch(/^2\.\d+\.\d+/);
      await expect(contender.run({ operation: 'no such', iterations: 1 })).rejects.toThrow(
        'ours: no operation no such',
      );
      expect(await contender.run({ operation: 'matMul 2×2', iterations: 5 })).toBeGreaterThan(0);
    } finally {
      await contender.stop();
    }
    await expect(contender.run({ operation: 'matMul 2×2', iterations: 1 })).rejects.toThrow();
  });
});
