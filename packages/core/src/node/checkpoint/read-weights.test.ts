import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Linear } from '../../nn/linear.ts';
import { RandomStream } from '../../random/random-stream.ts';
import { readCheckpoint, readWeights } from './read-weights.ts';
import reference from './torch.reference.json' with { type: 'json' };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-weights-'));
  await tf.setBackend('cpu');
  await writeFile(join(folder, 'nested.pth'), Buffer.from(reference.files.nested, 'base64'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('weights of other frameworks', () => {
  it('load into a module, from the requested part of a checkpoint', async () => {
    const layer = new Linear(3, 2, { random: RandomStream.fromSeed(1) });
    const before = tf.memory().numTensors;
    const weights = await readWeights(join(folder, 'nested.pth'), { prefix: 'model.0.' });
    layer.loadStateDict(weights);
    const found = layer.weight.dataSync();
    expect([...found]).toEqual(reference.stateDict['0.weight'].values.map(Math.fround));
    tf.dispose(weights);
    expect(tf.memory().numTensors).toBe(before);
    layer.dispose();
  });

  it('reports missing tensors, files and unknown formats', async () => {
    const path = join(folder, 'nested.pth');
    await expect(readCheckpoint(path, { prefix: 'encoder.' })).rejects.toThrow(
      `${path}: expected tensors named "encoder."…, found none`,
    );
    await expect(readCheckpoint(join(folder, 'none.pth'))).rejects.toThrow(
      'none.pth: expected a checkpoint, found: no such file or folder',
    );
    await writeFile(join(folder, 'a.onnx'), '');
    await expect(readCheckpoint(join(folder, 'a.onnx'))).rejects.toThrow('found "a.onnx"');
    await writeFile(join(folder, 'empty.pt'), '');
    await expect(readCheckpoint(join(folder, 'empty.pt'))).rejects.toThrow('expected what torch.save writes');
  });
});
