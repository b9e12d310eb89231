import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadFeatureFolder } from './course-folders.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-course-'));
  for (const name of ['mfcc', 'transcript']) await mkdir(join(folder, name));
});
afterEach(() => rm(folder, { recursive: true }));

function npy(descr: string, shape: readonly number[], data: Uint8Array): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]!},` : shape.join(', ');
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`.padEnd(117);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(`${header}\n`), data]);
}
const features = (values: readonly number[], shape: readonly number[]) =>
  writeFile(join(folder, 'mfcc/a.npy'), npy('<f4', shape, new Uint8Array(Float32Array.from(values).buffer)));
const transcript = (texts: readonly string[], name = 'a') => {
  const data = texts.map((text) =>
    Buffer.from(Uint32Array.from({ length: 5 }, (_, at) => text.charCodeAt(at) || 0).buffer),
  );
  return writeFile(join(folder, `transcript/${name}.npy`), npy('<U5', [texts.length], Buffer.concat(data)));
};

it('reads features and letters', async () => {
  await features([1, 2, 3, 4, 5, 6], [2, 3]);
  await transcript(['<sos>', 'I', "'", 'M', ' ', 'A', '<eos>']);
  const collection = await loadFeatureFolder(folder);
  expect(collection.utterances).toEqual([{ id: 'a', text: "i'm a", file: join(folder, 'mfcc/a.npy') }]);
  expect(await collection.features(0, 3)).toEqual({
    values: Float32Array.of(1, 2, 3, 4, 5, 6),
    count: 2,
    width: 3,
  });
  await expect(collection.features(0, 15)).rejects.toThrow(
    new UserError(`${folder}/mfcc/a.npy: expected features of width 15, found 3`),
  );
  await features([1, 2, 3, NaN, 5, 6], [2, 3]);
  await expect(collection.features(0)).rejects.toThrow(
    new UserError(`${folder}/mfcc/a.npy: frame 1: expected finite features, found NaN at place 0`),
  );
  await features([1, 2, 3], [3]);
  await expect(collection.features(0, 15)).rejects.toThrow(
    new UserError(`${folder}/mfcc/a.npy: expected floats of shape [T, 15], found floats of shape [3]`),
  );
  expect(() => collection.features(1)).toThrow(RangeError);
});

it('refuses letters that the alphabet lacks', async () => {
  await features([1], [1, 1]);
  await transcript(['<sos>', 'A', 'É', '<eos>']);
  await expect(loadFeatureFolder(folder)).rejects.toThrow(
    new UserError(`${folder}/transcript/a.npy: value 2: expected one of " 'abcdefghijklmnopqrstuvwxyz", found "é"`),
  );
  await transcript(['A', '<sos>']);
  await expect(loadFeatureFolder(folder)).rejects.toThrow('value 1: expected one of');
});

it('refuses features without transcript, the reverse, and other arrays', async () => {
  await expect(loadFeatureFolder(folder)).rejects.toThrow(
    new UserError(`${folder}/mfcc: expected .npy files, found none`),
  );
  await transcript(['A'], 'b');
  await expect(loadFeatureFolder(folder)).rejects.toThrow(
    new UserError(`${folder}/transcript/b.npy: expected features in ${folder}/mfcc, found none`),
  );
  await features([1], [1, 1]);
  await expect(loadFeatureFolder(folder)).rejects.toThrow(
    new UserError(`${folder}/mfcc/a.npy: expected a transcript in ${folder}/transcript, found none`),
  );
  await rm(join(folder, 'transcript/b.npy'));
  await writeFile(join(folder, 'transcript/a.npy'), npy('<f4', [1], new Uint8Array(4)));
  await expect(loadFeatureFolder(folder)).rejects.toThrow(
    new UserError(`${folder}/transcript/a.npy: expected characters of shape [N], found numbers of shape [1]`),
  );
  await rm(join(folder, 'transcript'), { recursive: true });
  await expect(loadFeatureFolder(folder)).rejects.toThrow(
    `${folder}/transcript: expected a folder of .npy files, found: no such file or folder`,
  );
});
