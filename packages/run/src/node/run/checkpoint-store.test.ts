import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeArrays, encodeArrays, type StoredArray } from '../../checkpoint/arrays.ts';
import { UserError } from '../../config/errors.ts';
import { StorageError } from '../files.ts';
import { CheckpointStore } from './checkpoint-store.ts';

let folder: string;
let store: CheckpointStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-checkpoints-'));
  store = new CheckpointStore(folder, 'vae');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const filled = (value: number): StoredArray => ({ shape: [2, 3], values: new Float32Array(6).fill(value) });
const checkpoint = (step: number, isBest = false) => ({
  step,
  epoch: Math.floor(step / 10),
  weights: encodeArrays({ 'encoder.0.weight': filled(step) }),
  optimizer: encodeArrays({ 'exp_avg.encoder.0.weight': filled(-step) }),
  state: { random: { counter: 5 }, bestLoss: 1.5 },
  isBest,
});
const steps = async (): Promise<string[]> =>
  (await readdir(folder))
    .filter((name) => name.endsWith('state.json'))
    .map((name) => name.split('.')[0]!)
    .sort();

describe('CheckpointStore', () => {
  it('loads the checkpoint that was saved', async () => {
    await store.save(checkpoint(10, true));
    await store.save(checkpoint(20));
    const last = await store.load('last');
    expect(last).toMatchObject({ step: 20, epoch: 2, state: { random: { counter: 5 }, bestLoss: 1.5 } });
    expect(decodeArrays(last.weights, 'weights')['encoder.0.weight']).toEqual(filled(20));
    expect(decodeArrays(last.optimizer, 'optimizer')['exp_avg.encoder.0.weight']).toEqual(filled(-20));
    expect((await store.load('best')).step).toBe(10);
    expect((await store.load(10)).step).toBe(10);
  });

  it('keeps the two newest, the best and every N-th checkpoint, and removes the temporary files of a killed process', async () => {
    store = new CheckpointStore(folder, 'vae', 30);
    await writeFile(join(folder, 'step-5.safetensors.123.tmp'), 'half');
    await writeFile(join(folder, 'step-5.safetensors'), 'an unfinished step');
    await writeFile(join(folder, 'notes.txt'), 'the user’s own');
    for (const step of [12, 24, 36, 48, 72]) await store.save(checkpoint(step, step === 24));
    expect(await steps()).toEqual(['step-24', 'step-36', 'step-48', 'step-72']);
    expect((await readdir(folder)).length).toBe(4 * 3 + 'last best notes.txt'.split(' ').length);
  });

  it('saves a step again', async () => {
    await store.save(checkpoint(10));
    await store.save(checkpoint(10, true));
    expect((await store.load('best')).step).toBe(10);
  });

  it('knows which checkpoints exist', async () => {
    expect(await store.has('last')).toBe(false);
    await expect(store.load('last')).rejects.toThrow(
      'expected the name of a checkpoint, found: no such file or folder',
    );
    await store.save(checkpoint(10));
    expect([await store.has('last'), await store.has('best')]).toEqual([true, false]);
  });

  it('keeps the older checkpoint unchanged where a new one cannot be written', async () => {
    await store.save(checkpoint(10, true));
    const names = await readdir(folder);
    // A folder in place of a file fails for root too.
    await mkdir(join(folder, 'step-20.state.json'));
    await expect(store.save(checkpoint(20))).rejects.toThrow(StorageError);
    expect((await store.load('last')).step).toBe(10);
    expect((await readdir(folder)).filter((name) => !name.startsWith('step-20'))).toEqual(names);
  });

  const damages: readonly (readonly [string, string, (path: string) => Promise<void>, string])[] = [
    ['a cut weights file', 'step-10.safetensors', (path) => truncate(path, 50), 'step-10.safetensors: expected'],
    [
      'a cut optimizer file',
      'step-10.optimizer.safetensors',
      (path) => truncate(path, 5),
      'expected a safetensors file, found 5 bytes',
    ],
    [
      'a missing weights file',
      'step-10.safetensors',
      (path) => rm(path),
      'expected a safetensors file, found: no such file',
    ],
    [
      'a cut state',
      'step-10.state.json',
      (path) => truncate(path, 20),
      'expected a checkpoint in JSON, found damaged text',
    ],
    [
      'a state of null',
      'step-10.state.json',
      (path) => writeFile(path, 'null'),
      'expected format motley-checkpoint-1, found undefined',
    ],
    [
      'a pointer out of the folder',
      'last',
      (path) => writeFile(path, '../../step-10'),
      'expected step-N, found "../../step-10"',
    ],
    [
      'a pointer to nothing',
      'last',
      (path) => writeFile(path, 'step-99'),
      'step-99.state.json: expected a checkpoint, found: no such file',
    ],
    [
      'a renamed step',
      'step-10.state.json',
      async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"step":10', '"step":11')),
      'expected step 10 and an epoch, found 11 and 1',
    ],
  ];
  it.each(damages)('refuses %s', async (_, name, damage, message) => {
    await store.save(checkpoint(10));
    await damage(join(folder, name));
    const loading = store.load('last');
    await expect(loading).rejects.toThrow(UserError);
    await expect(loading).rejects.toThrow(message);
  });

  it('names the remaining checkpoints where one is damaged', async () => {
    for (const step of [10, 20]) await store.save(checkpoint(step));
    await truncate(join(folder, 'step-20.safetensors'), 50);
    await expect(store.load('last')).rejects.toThrow(
      /step-20\.safetensors: expected .*; there are others: --checkpoint 10$/,
    );
    expect((await store.load(10)).step).toBe(10);
  });

  it('resumes from an older checkpoint with the best one of that time', async () => {
    for (const step of [10, 20]) await store.save(checkpoint(step, step === 10));
    // State left by a process that ends between writing `best` and `last`.
    await writeFile(join(folder, 'best'), 'step-30\n');
    const again = new CheckpointStore(folder, 'vae');
    const loaded = await again.load('last');
    expect(loaded).toMatchObject({ step: 20, bestStep: 10 });
    again.continueFrom(loaded);
    await again.save(checkpoint(25));
    expect([await steps(), (await again.load('best')).step]).toEqual([['step-10', 'step-20', 'step-25'], 10]);
  });

  it('refuses the checkpoint of another system', async () => {
    await store.save(checkpoint(10));
    await expect(new CheckpointStore(folder, 'gan').load('last')).rejects.toThrow(
      'expected a checkpoint of gan, found one of "vae"',
    );
  });
});
