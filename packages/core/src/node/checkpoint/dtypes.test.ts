import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import reference from './dtypes.reference.json' with { type: 'json' };
import { readWeights } from './read-weights.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-dtypes-'));
  await tf.setBackend('cpu');
});
afterAll(() => rm(folder, { recursive: true }));

async function saved(name: string, encoded: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, Buffer.from(encoded, 'base64'));
  return path;
}

describe('tensors of every type', () => {
  it.each([
    ['all.safetensors', reference.safetensors],
    ['all.pth', reference.torch],
    ['legacy.pth', reference.legacy],
  ])('of %s become float32, int32 or bool', async (name, encoded) => {
    const weights = await readWeights(await saved(name, encoded));
    expect(Object.keys(weights).sort()).toEqual(Object.keys(reference.values).sort());
    for (const [type, values] of Object.entries(reference.values)) {
      const tensor = weights[type]!;
      expect(tensor.dtype, type).toBe(type.includes('F') ? 'float32' : type === 'BOOL' ? 'bool' : 'int32');
      expect([...tensor.dataSync()], type).toEqual(tensor.dtype === 'float32' ? values.map(Math.fround) : values);
      tensor.dispose();
    }
  });

  it.each([
    ['U32', '2147483648'],
    ['I64', '-2147483649'],
  ] as const)('of %s are refused where they do not fit into int32', async (type, found) => {
    const message = `"x" expected integers of 32 bits, found ${found}`;
    await expect(readWeights(await saved('large.safetensors', reference.large[type]))).rejects.toThrow(message);
    await expect(readWeights(await saved('large.pth', reference.largeTorch[type]))).rejects.toThrow(message);
  });

  it('of U64 are refused where they do not fit into int64', async () => {
    const { large, largeTorch } = reference;
    await expect(readWeights(await saved('large.safetensors', large.U64))).rejects.toThrow(
      'large.safetensors: expected "x" to hold integers of 63 bits, found larger ones',
    );
    await expect(readWeights(await saved('large.pth', largeTorch.U64))).rejects.toThrow(
      'large.pth: expected "x" to hold numbers that core has, found uint64',
    );
  });
});

describe('tensors of types that core lacks', () => {
  it.each([
    ['foreign.safetensors', reference.foreign.safetensors],
    ['foreign.pth', reference.foreign.torch],
    ['legacy.pth', reference.foreign.legacy],
  ])('in %s are no obstacle to the others, and named where they are wanted', async (name, encoded) => {
    const path = await saved(name, encoded);
    const weights = await readWeights(path, { prefix: 'model.' });
    expect(Object.keys(weights)).toEqual(['weight']);
    expect([...weights.weight!.dataSync()]).toEqual([1, 2]);
    tf.dispose(weights);
    await expect(readWeights(path)).rejects.toThrow(UserError);
    await expect(readWeights(path)).rejects.toThrow(/"rest[^"]*" to (be one of|hold numbers that core has)/);
  });

  it.each(['complex64', 'complex128', 'float8', 'qint8', 'quint8'])('%s is one of them', async (type) => {
    const path = await saved('foreign.pth', reference.foreign.torch);
    await expect(readWeights(path, { prefix: `rest.${type.slice(0, -1)}` })).rejects.toThrow(
      `expected "rest.${type}" to hold numbers that core has, found ${type}`,
    );
  });
});
