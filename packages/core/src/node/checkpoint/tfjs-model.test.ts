import '@tensorflow/tfjs-backend-cpu';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTfjsModel } from './tfjs-model.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-tfjs-'));
  await tf.setBackend('cpu');
});
afterEach(() => rm(folder, { recursive: true }));

const path = () => join(folder, 'model.json');
const write = (manifest: unknown) =>
  writeFile(path(), JSON.stringify({ modelTopology: {}, weightsManifest: manifest }));
const kernel = (rest: object = {}) => ({ name: 'dense/kernel', shape: [2], dtype: 'float32', ...rest });

describe('TensorFlow.js models', () => {
  it('reads sharded weights written by TensorFlow.js', async () => {
    const tensors = {
      'dense/kernel': tf.tensor2d([1, -2.5, 3, 4, 5, 6], [2, 3]),
      'dense/steps': tf.tensor1d([7, -8], 'int32'),
      'dense/mask': tf.tensor1d([true, false, true], 'bool'),
    };
    const { data, specs } = await tf.io.encodeWeights(tensors);
    await writeFile(join(folder, 'group1-shard1of2.bin'), Buffer.from(data.slice(0, 10)));
    await writeFile(join(folder, 'group1-shard2of2.bin'), Buffer.from(data.slice(10)));
    await write([{ paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'], weights: specs }]);
    const read = await readTfjsModel(path());
    expect([...read.keys()]).toEqual(Object.keys(tensors));
    for (const [name, tensor] of Object.entries(tensors)) {
      expect(read.get(name)!.shape).toEqual(tensor.shape);
      expect([...read.get(name)!.values]).toEqual([...tensor.dataSync()]);
    }
    tf.dispose(tensors);
  });

  it.each([
    [kernel({ quantization: { dtype: 'uint8', scale: 0.1, min: -3 } }), [3, 250]],
    [kernel({ quantization: { dtype: 'uint16', scale: 0.001, min: -30 } }), [3, 0, 255, 255]],
    [kernel({ quantization: { dtype: 'float16', scale: 1, min: 0 } }), [0x01, 0x3c, 0x00, 0xb5]],
    [kernel({ dtype: 'int32', quantization: { dtype: 'uint8', scale: 2.4, min: -100 } }), [3, 250]],
  ])('dequantizes as TensorFlow.js does (%#)', async (spec, bytes) => {
    await writeFile(join(folder, 'a.bin'), Buffer.from(bytes));
    await write([{ paths: ['a.bin'], weights: [spec] }]);
    const expected = tf.io.decodeWeights(Uint8Array.from(bytes).buffer, [spec as tf.io.WeightsManifestEntry]);
    const read = await readTfjsModel(path());
    expect(read.get('dense/kernel')!.values).toEqual(await expected['dense/kernel']!.data());
    tf.dispose(expected);
  });

  it('reports weights that do not match the manifest', async () => {
    await mkdir(join(folder, 'inner'));
    await writeFile(join(folder, 'inner', 'a.bin'), Buffer.alloc(8));
    await symlink(join(folder), join(folder, 'inner', 'out'));
    await writeFile(join(folder, 'secret.bin'), Buffer.alloc(8));
    const refused = async (manifest: unknown, message: string | RegExp, file = 'inner/model.json') => {
      const at = join(folder, file);
      await writeFile(at, JSON.stringify({ weightsManifest: manifest }));
      await expect(readTfjsModel(at)).rejects.toThrow(UserError);
      await expect(readTfjsModel(at)).rejects.toThrow(message);
      await expect(readTfjsModel(at)).rejects.toThrow(/^[^\n]+$/);
    };
    const outside = (name: string) => `expected weights in its own folder, found ${JSON.stringify(name)}`;
    for (const name of ['../secret.bin', 'out/secret.bin', join(folder, 'secret.bin'), '.', '..'])
      await refused([{ paths: [name], weights: [kernel()] }], outside(name));
    await refused([{ paths: ['b.bin'], weights: [kernel()] }], 'found: no such file or folder');
    await refused(
      [{ paths: ['a.bin'], weights: [kernel({ shape: [3] })] }],
      'expected 12 bytes up to "dense/kernel", found 8',
    );
    await refused([{ paths: ['a.bin'], weights: [kernel({ shape: [1] })] }], 'expected 4 bytes of weights, found 8');
    await refused(
      [{ paths: ['a.bin'], weights: [kernel({ dtype: 'string' })] }],
      'weightsManifest[0].weights[0].dtype',
    );
    await refused([{ paths: ['a.bin'], weights: [kernel({ shape: [-2] })] }], 'weightsManifest[0].weights[0].shape[0]');
    await refused([{ paths: ['a\n.bin'], weights: [] }], 'weightsManifest[0].paths[0]: expected the name of a file');
    const one = { paths: ['a.bin'], weights: [kernel()] };
    const again = { paths: ['../inner/a.bin'], weights: [kernel({ name: 'b' })] };
    await refused([one, again], 'expected each file of weights once, found "../inner/a.bin" again');
    await refused([{ ...one, paths: new Array(400).fill('a.bin') }], 'found "a.bin" again');
    await refused([{ ...one, weights: [kernel({ shape: [1] }), kernel({ shape: [1] })] }], 'one weight "dense/kernel"');
    const overflowing = [...new Array<number>(20).fill(Number.MAX_SAFE_INTEGER), 0];
    await refused([{ ...one, weights: [kernel({ shape: overflowing })] }], 'expected 0 bytes of weights, found 8');
    await refused([{ ...one, weights: new Array(100_000).fill(0) }], 'weightsManifest[0].weights[0]: Invalid input');
    await refused(undefined, 'weightsManifest');
    await refused([], 'expected weights, found none');
    await writeFile(join(folder, 'deep.json'), `{"weightsManifest":${'['.repeat(200_000)}`);
    await expect(readTfjsModel(join(folder, 'deep.json'))).rejects.toThrow(
      "expected a TensorFlow.js model's description nested at most 64 levels deep",
    );
  });
});
