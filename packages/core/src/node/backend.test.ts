import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { chooseBackend } from './backend.ts';

const register = vi.hoisted(() => vi.fn<() => Promise<{ version: string; device: string; usesGpu: boolean }>>());
vi.mock('@motley/tensorflow', () => ({
  LibraryError: class LibraryError extends Error {},
  register,
}));
const libraryError = async (message: string): Promise<Error> => {
  const { LibraryError } = (await import('@motley/tensorflow')) as unknown as {
    LibraryError: new (message: string) => Error;
  };
  return new LibraryError(message);
};

// No machine has this driver, so none is found.
vi.stubEnv('VK_DRIVER_FILES', '/nowhere/driver.json');

describe('chooseBackend', () => {
  it('prefers native TensorFlow', async () => {
    register.mockImplementation(() => {
      tf.registerBackend('tensorflow', () => Object.assign(new tf.KernelBackend(), { dispose: vi.fn() }));
      return Promise.resolve({ version: '2.21.0', device: 'GPU:0', usesGpu: true });
    });
    expect(await chooseBackend('auto')).toEqual({
      backend: 'tensorflow',
      device: 'GPU:0',
      tensorflow: '2.21.0',
      precision: 'float32',
      reasons: [],
    });
    tf.removeBackend('tensorflow');
  });

  it('falls back to WebAssembly and says why', async () => {
    register.mockRejectedValue(await libraryError('no library here\nsecond line'));
    const report = await chooseBackend();
    expect(report).toMatchObject({ backend: 'wasm', tensorflow: null, precision: 'float32' });
    expect(report.reasons[0]).toBe('tensorflow: no library here');
    expect(report.reasons[1]).toMatch(/^webgpu: no adapter: /);
    expect(report.reasons).toHaveLength(2);
    const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]]));
    expect([...(await product.data())]).toEqual([11]);
  });

  it('does not fall back from a requested backend', async () => {
    const missing = await libraryError('no library here');
    register.mockRejectedValue(missing);
    const error: unknown = await chooseBackend('tensorflow').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ message: '--backend tensorflow: no library here', cause: { cause: missing } });
  });

  it('reports a missing adapter in one line', async () => {
    await expect(chooseBackend('webgpu')).rejects.toThrow(/^--backend webgpu: no adapter: [^\n]+$/);
  });

  it('does not hide an error in the native backend', async () => {
    register.mockRejectedValue(new TypeError('x is not a function'));
    await expect(chooseBackend('auto')).rejects.toThrow(TypeError);
  });

  it('runs in plain JavaScript without printing an advertisement', async () => {
    const warn = vi.spyOn(console, 'warn');
    expect(await chooseBackend('cpu')).toMatchObject({ backend: 'cpu', device: 'CPU (JavaScript)', reasons: [] });
    expect([...(await tf.add(tf.scalar(1), tf.scalar(2)).data())]).toEqual([3]);
    expect(warn).not.toHaveBeenCalled();
  });
});
