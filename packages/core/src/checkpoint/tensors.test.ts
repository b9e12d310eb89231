import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors } from './safetensors.ts';
import { decodeTensors, encodeTensors } from './tensors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('tensors in safetensors', () => {
  it('come back as they went, and leak nothing', async () => {
    const tensors = {
      'encoder.0.weight': tf.tensor2d([
        [1, 2.5],
        [-3, 4],
      ]),
      step: tf.scalar(7, 'int32'),
      mask: tf.tensor1d([true, false], 'bool'),
    };
    const before = tf.memory().numTensors;
    const read = decodeTensors(await encodeTensors(tensors), 'a');
    expect(tf.memory().numTensors).toBe(before + 3);
    for (const [name, tensor] of Object.entries(tensors)) {
      expect(read[name]).toMatchObject({ shape: tensor.shape, dtype: tensor.dtype });
      expect(await read[name]!.data()).toEqual(await tensor.data());
    }
    tf.dispose([tensors, read]);
  });

  it('names a tensor of a dtype that it cannot hold', async () => {
    await expect(encodeTensors({ words: tf.tensor1d(['a']) })).rejects.toThrow(
      '"words" expected float32, int32 or bool, got string',
    );
    const bytes = encodeSafetensors(new Map([['l', { dtype: 'I64', shape: [1], values: BigInt64Array.of(1n) }]]));
    expect(() => decodeTensors(bytes, 'a.safetensors')).toThrow(
      'a.safetensors: "l" expected to be F32, I32 or BOOL, found I64',
    );
  });
});
