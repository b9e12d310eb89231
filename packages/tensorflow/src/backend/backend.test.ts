import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { TensorFlowError } from '../c-api/status.ts';
import { DataType } from '../c-api/types.ts';
import { register, type Registration } from '../register.ts';
import { describeNative } from '../testing.ts';
import type { TensorFlowBackend } from './backend.ts';

describeNative('the TensorFlow backend', () => {
  let registration: Registration;
  let backend: TensorFlowBackend;

  beforeAll(async () => {
    registration = await register();
    ({ backend } = registration);
  });

  it('is the current backend and names its device', () => {
    expect(tf.getBackend()).toBe('tensorflow');
    expect(registration.version).toMatch(/^2\.\d+\.\d+/);
    expect(registration.device).toMatch(/^(CPU|GPU):0$/);
  });

  it('is registered once: a second call returns the same backend', async () => {
    expect((await register()).backend).toBe(backend);
  });

  it('keeps every dtype of tfjs', () => {
    expect(tf.tensor([1.5, -2], [2], 'float32').dataSync()).toEqual(Float32Array.of(1.5, -2));
    expect(tf.tensor([7, -8], [2], 'int32').dataSync()).toEqual(Int32Array.of(7, -8));
    expect(tf.add(tf.tensor([7, -8], [2], 'int32'), 1).dataSync()).toEqual(Float32Array.of(8, -7));
    expect(tf.logicalNot(tf.tensor([true, false], [2], 'bool')).dataSync()).toEqual(Uint8Array.of(0, 1));
    expect(tf.complex([1, 2], [3, 4]).dataSync()).toEqual(Float32Array.of(1, 3, 2, 4));
  });

  it('carries strings of any length and encoding through an operation', () => {
    const words = ['', 'a', 'Größe', 'x'.repeat(22), 'y'.repeat(23), '日本語'.repeat(1000)];
    const joined = tf.concat([tf.tensor1d(words), tf.tensor1d(['z'])]);
    expect(joined.dtype).toBe('string');
    expect(joined.dataSync()).toEqual([...words, 'z']);
  });

  it('takes any number of results of an operation', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      for (const count of [300, 2, 2000]) {
        const parts = tf.unstack(tf.range(0, count, 1, 'int32'));
        expect(parts).toHaveLength(count);
        expect(parts.at(-1)!.dataSync()).toEqual(Int32Array.of(count - 1));
      }
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('returns int64, uint8 and float64 results as the nearest type that tfjs has', () => {
    const type = (value: number) => [
      { name: 'SrcT', type: 3, value: DataType.int32 },
      { name: 'DstT', type: 4, value },
    ];
    const source = tf.tensor1d([1, 2, 250], 'int32');
    for (const [native, dtype] of [
      [DataType.int64, 'int32'],
      [DataType.uint8, 'int32'],
      [DataType.float64, 'float32'],
      [DataType.bfloat16, 'float32'],
    ] as const) {
      const attributes = type(native).map((attribute) => ({ ...attribute, type: 4 }));
      attributes[0]!.value = DataType.int32;
      const result = backend.executeSingleOutput('Cast', attributes, [source]);
      expect([result.dtype, ...result.dataSync()]).toEqual([dtype, 1, 2, 250]);
    }
  });

  it('handles empty tensors and scalars', () => {
    expect(tf.add(tf.zeros([0, 3]), 1).shape).toEqual([0, 3]);
    expect(tf.sum(tf.zeros([0, 3])).dataSync()).toEqual(Float32Array.of(0));
    expect(tf.scalar(3).shape).toEqual([]);
  });

  it('refuses values that do not fit the shape, and converts those of another type', () => {
    expect(() => backend.createHandle([3], DataType.float32, Float32Array.of(1, 2))).toThrow('takes 3 values, got 2');
    const handle = backend.createHandle([2], DataType.float32, [1, 2]);
    expect(backend.transfer.read(handle)).toEqual(Float32Array.of(1, 2));
    backend.deleteHandle(handle);
  });

  it("turns TensorFlow's refusal into an error that names the operation", () => {
    const attributes = [{ name: 'T', type: 4, value: DataType.float32 }];
    const run = () => backend.executeSingleOutput('MatMul', attributes, [tf.ones([2, 3]), tf.ones([2, 3])]);
    expect(run).toThrow(TensorFlowError);
    expect(run).toThrow(/^MatMul: .*Matrix size-incompatible/);
    expect(() => backend.executeSingleOutput('NoSuchOp', [], [])).toThrow(/^NoSuchOp: /);
    expect(tf.add(1, 2).dataSync()).toEqual(Float32Array.of(3));
  });

  it('frees disposed tensors and counts the living', () => {
    const before = tf.memory();
    const tensor = tf.tidy(() => tf.matMul(tf.ones([10, 20]), tf.ones([20, 10])));
    expect(tf.memory().numTensors).toBe(before.numTensors + 1);
    expect(backend.nativeTensors).toBe((before as unknown as { numNativeTensors: number }).numNativeTensors + 1);
    tensor.dispose();
    expect(tf.memory()).toEqual(before);
  });

  it('frees tensors that were forgotten when they are collected', async () => {
    expect(global.gc).toBeTypeOf('function');
    const before = backend.nativeTensors;
    for (let i = 0; i < 500; i++) tf.add(tf.ones([10]), i);
    expect(backend.nativeTensors).toBeGreaterThan(before + 400);
    await expect.poll(collected, { timeout: 20_000 }).toBeLessThan(before + 50);

    async function collected(): Promise<number> {
      global.gc!();
      await new Promise(setImmediate);
      return backend.nativeTensors;
    }
  });

  it('reads large tensors without blocking the event loop, and frees the copy', async () => {
    const tensor = tf.ones([1000, 1000]);
    tf.add(tensor, 0).dispose();
    const before = backend.nativeTensors;
    const reading = tensor.data();
    tensor.dispose();
    expect((await reading).length).toBe(1_000_000);
    expect(backend.nativeTensors).toBe(before - 1);
  });

  it('takes over tensors of another backend, and gives them back', async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    const made = tf.tensor1d([1, 2, 3]);
    await tf.setBackend('tensorflow');
    const doubled = tf.mul(made, 2);
    expect(doubled.dataSync()).toEqual(Float32Array.of(2, 4, 6));
    await tf.setBackend('cpu');
    expect(tf.add(doubled, 1).dataSync()).toEqual(Float32Array.of(3, 5, 7));
    await tf.setBackend('tensorflow');
  });
});
