import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSavedModel, readTensorBundle } from './tensor-bundle.ts';
import reference from './tensorflow.reference.json' with { type: 'json' };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-bundle-'));
  for (const [name, encoded] of Object.entries(reference.files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), Buffer.from(encoded, 'base64'));
  }
});
afterEach(() => rm(folder, { recursive: true }));

type Described = Readonly<Record<string, { readonly shape: number[]; readonly values: number[] }>>;
const variables = reference.variables as Described;

describe('TensorFlow checkpoints', () => {
  it.each([
    ['a SavedModel', () => readSavedModel(join(folder, 'saved')), ''],
    ['a checkpoint', () => readTensorBundle(join(folder, 'checkpoint-1')), 'network/'],
  ])('reads %s', async (_, read, prefix) => {
    const entries = await read();
    const places = Object.entries(variables).map(([name, described]) => {
      const number = /^layer(\d+):0$/.exec(name)?.[1];
      return [number === undefined ? name.replace(':0', '') : `layers/${number}`, described] as const;
    });
    expect([...entries.keys()].sort()).toEqual(places.map(([place]) => prefix + place).sort());
    for (const [place, { shape, values }] of places) {
      expect(entries.get(prefix + place)!.shape).toEqual(shape);
      expect(Array.from(entries.get(prefix + place)!.values, Number)).toEqual(values);
    }
    expect(entries.get(`${prefix}steps`)!.dtype).toBe('I64');
    expect(entries.get(`${prefix}half`)!.dtype).toBe('F32');
  });

  const files = ['saved/variables/variables.index', 'saved/variables/variables.data-00000-of-00001'];
  it.each(files)('%s: every truncation and every changed byte of a variable gives a one-line error', async (name) => {
    const path = join(folder, name);
    const whole = await readFile(path);
    const expectRefused = async (bytes: Buffer, what: string) => {
      await writeFile(path, bytes);
      await expect(readSavedModel(join(folder, 'saved')), what).rejects.toThrow(/^[^\n]+: expected [^\n]+$/);
      await expect(readSavedModel(join(folder, 'saved')), what).rejects.toThrow(UserError);
    };
    // The data file ends with a string tensor, which is not read.
    const length = name.endsWith('index') ? whole.length : 400;
    for (let end = 0; end < length; end += 41) await expectRefused(whole.subarray(0, end), `${end} bytes`);
    for (let position = 0; position < Math.min(length, 380); position += 13) {
      const damaged = Buffer.from(whole);
      damaged[position]! ^= 0x10;
      await expectRefused(damaged, `byte ${position}`);
    }
  });

  it('names the missing file', async () => {
    await expect(readSavedModel(folder)).rejects.toThrow(
      `${join(folder, 'variables/variables.index')}: expected the index of TensorFlow's variables, found: no such file`,
    );
    await rm(join(folder, files[1]!));
    await expect(readSavedModel(join(folder, 'saved'))).rejects.toThrow('found: no such file or folder');
  });
});
