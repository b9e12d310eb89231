import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { maskedCrc32c, UserError } from '@motley/run';
import { sortedTable, type TableEntry, varint } from '@motley/test-tools';
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

  describe('an index made by hand', () => {
    const integer = (field: number, value: number) => Buffer.concat([varint(8 * field), varint(value)]);
    const header = (shards = 1) => integer(1, shards);
    const float = Buffer.concat([integer(1, 1), integer(5, 4)]);
    const indexed = async (entries: readonly TableEntry[], handles = 1) => {
      await writeFile(join(folder, 'x.index'), sortedTable(entries, maskedCrc32c, handles));
      return readTensorBundle(join(folder, 'x'));
    };
    const key = (name: string) => Buffer.from(name);

    it('reads a variable', async () => {
      const values = Buffer.from(Float32Array.of(1.5).buffer);
      await writeFile(join(folder, 'x.data-00000-of-00001'), values);
      const entry = Buffer.concat([float, Buffer.of(0x35), Buffer.from(Uint32Array.of(maskedCrc32c(values)).buffer)]);
      const read = await indexed([
        [key(''), header()],
        [key('w'), entry],
      ]);
      expect([...read]).toEqual([['w', { dtype: 'F32', shape: [], values: Float32Array.of(1.5) }]]);
      const both = indexed([
        [key(''), header()],
        [key('w'), entry],
        [key('w/.ATTRIBUTES/VARIABLE_VALUE'), entry],
      ]);
      await expect(both).rejects.toThrow('expected one variable "w", found it with and without /.ATTRIBUTES/VARIABLE');
    });

    it('refuses a key that occurs twice, and one block named by many handles', async () => {
      const large: TableEntry = [key('w'), Buffer.alloc(100_000)];
      await expect(indexed([large, large])).rejects.toThrow('found "w" twice');
      const text = Buffer.concat([integer(1, 7), Buffer.from('3a80b518', 'hex'), Buffer.alloc(400_000)]);
      const many = indexed([[key('w'), text]], 100);
      await expect(many).rejects.toThrow(UserError);
      await expect(many).rejects.toThrow(/twice|in proportion/);
    });

    it('refuses keys that share their beginning again and again', async () => {
      const long = 'k'.repeat(100_000);
      const names = Array.from({ length: 2000 }, (_, index) => key(long + String(index).padStart(4, '0')));
      await expect(indexed(names.map((name) => [name, integer(1, 7)]))).rejects.toThrow(
        "expected the index of TensorFlow's variables in proportion to the file",
      );
    });

    it('refuses variables that repeat a part of the values', async () => {
      const size = 2 ** 20;
      await writeFile(join(folder, 'x.data-00000-of-00001'), Buffer.alloc(size));
      const shape = Buffer.concat([Buffer.from('1206 1204 08'.replaceAll(' ', ''), 'hex'), varint(size / 4)]);
      const sum = Buffer.from(Uint32Array.of(maskedCrc32c(Buffer.alloc(size))).buffer);
      const entry = Buffer.concat([integer(1, 1), shape, integer(5, size), Buffer.of(0x35), sum]);
      const names = Array.from({ length: 100 }, (_, index) => key(`w${String(index).padStart(3, '0')}`));
      const all = indexed([[key(''), header()], ...names.map((name): TableEntry => [name, entry])]);
      await expect(all).rejects.toThrow('expected variables in proportion to the file: at most 67108864 bytes');
    });
  });

  it('names the missing file', async () => {
    await expect(readSavedModel(folder)).rejects.toThrow(
      `${join(folder, 'variables/variables.index')}: expected the index of TensorFlow's variables, found: no such file`,
    );
    await rm(join(folder, files[1]!));
    await expect(readSavedModel(join(folder, 'saved'))).rejects.toThrow('found: no such file or folder');
  });
});
