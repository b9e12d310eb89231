import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeArrays, encodeArrays } from '../../checkpoint/arrays.ts';
import { StorageError } from '../files.ts';
import { lockFolder } from '../folder-lock.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { RunFolder } from './run-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'motley-small-'));
// Mounting a small file system, to really fill it, needs root.
const isSmall = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'motley-test', folder]).status === 0;

describe.runIf(isSmall)('a full disk', () => {
  it('fails the new checkpoint in one line, leaves the older one intact and no partial file', async () => {
    const store = new CheckpointStore(folder, 'vae');
    const checkpoint = (step: number, size: number) => ({
      step,
      epoch: 1,
      weights: encodeArrays({ weight: { shape: [size], values: new Float32Array(size).fill(step) } }),
      optimizer: encodeArrays({ 'exp_avg.weight': { shape: [size], values: new Float32Array(size).fill(step) } }),
      state: {},
      isBest: false,
    });
    await store.save(checkpoint(10, 1000));
    const names = await readdir(folder);
    // The weights fit, the optimizer slots beside them do not.
    const saving = store.save(checkpoint(20, 150_000));
    await expect(saving).rejects.toThrow(StorageError);
    await expect(saving).rejects.toThrow(
      new RegExp(`^cannot write ${folder}/step-20\\.optimizer\\.safetensors: no space left on the disk$`),
    );
    expect(await readdir(folder)).toEqual(names);
    const last = await store.load('last');
    expect(last.step).toBe(10);
    expect(decodeArrays(last.weights, 'weights').weight!.values[999]).toBe(10);
    await store.save(checkpoint(30, 1000));
    expect((await store.load('last')).step).toBe(30);
  });

  it('leaves no lock that it cannot write', async () => {
    const names = await readdir(folder);
    const filler = join(folder, 'filler');
    await writeFile(filler, new Uint8Array(2 ** 20)).catch(() => undefined);
    await expect(lockFolder(folder)).rejects.toThrow(`cannot write ${folder}/lock: no space left on the disk`);
    await rm(filler);
    expect(await readdir(folder)).toEqual(names);
    await (await lockFolder(folder)).release();
  });
});

describe.runIf(isSmall)('a read-only file system', () => {
  it.each(['', 'new', 'new/below'])('is named as such where a run is to be written to it: %j', async (below) => {
    expect(spawnSync('mount', ['-o', 'remount,ro', folder]).status).toBe(0);
    try {
      const out = join(folder, below);
      const creating = RunFolder.create({ system: 'vae', config: {}, out });
      await expect(creating).rejects.toThrow(/: the file system is read-only$/);
      await expect(creating).rejects.toThrow(out);
    } finally {
      expect(spawnSync('mount', ['-o', 'remount,rw', folder]).status).toBe(0);
    }
  });
});

afterAll(() => {
  if (isSmall) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
});
