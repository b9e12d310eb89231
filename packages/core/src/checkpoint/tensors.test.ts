import '@tensorflow/tfjs-backend-cpu';
import { encodeSafetensors } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeTensors, encodeTensors } from './tensors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('tensors in safetensors', () => {
  it('keep their values through a file and leak no tensors', async () => {
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

  it('names a tensor of an unsupported dtype in the error', async () => {
    await expect(encodeTensors({ words: tf.tensor1d(['a']) })).rejects.toThrow(
      '"words" expected float32, int32 or bool, got string',
    );
  });

  it("reads PyTorch's int64 as int32 and refuses values beyond it", async () => {
    const encoded = (value: bigint) =>
      encodeSafetensors(
        new Map([['num_batches_tracked', { dtype: 'I64', shape: [], values: BigInt64Array.of(value) }]]),
      );
    for (const value of [7, -(2 ** 31)]) {
      const { num_batches_tracked: read } = decodeTensors(encoded(BigInt(value)), 'a');
      expect(read).toMatchObject({ dtype: 'int32', shape: [] });
      expect([...(await read!.data())]).toEqual([value]);
      read!.dispose();
    }
    expect(() => decodeTensors(encoded(2n ** 31n), 'a.safetensors')).toThrow(
      'a.safetensors: "num_batches_tracked" expected integers of 32 bits, found 2147483648',
    );
  });
});
