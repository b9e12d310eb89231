import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { loadNpy, parseNpy } from './npy.ts';
import reference from './reference.json' with { type: 'json' };

const decoded = (file: string) => Buffer.from(file, 'base64');
const float32 = decoded(reference.npy.float32.file);
const letters = decoded(reference.npy.letters.file);
/** The same file with another header of the same length. */
function withHeader(header: string, file = float32): Buffer {
  const copy = Buffer.from(file);
  copy.write(`${header.padEnd(117)}\n`, 10);
  return copy;
}
const dictionary = (descr: string, shape: string) => `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;

describe('parseNpy', () => {
  it.each(Object.entries(reference.npy))("reads NumPy's %s", (_, { file, shape, values }) => {
    const found = parseNpy(decoded(file), 'a.npy');
    expect(found.shape).toEqual(shape);
    expect([...found.values]).toEqual(values);
  });

  it('reads arrays that begin at an odd byte', () => {
    const within = Buffer.concat([Buffer.of(1), float32]).subarray(1);
    expect(parseNpy(within, 'a.npy')).toEqual(parseNpy(float32, 'a.npy'));
  });

  it.each([
    ['objects', 'floats of 16, 32 or 64 bits or unicode text, found "|O", pickled objects'],
    ['integers', 'floats of 16, 32 or 64 bits or unicode text, found "<i8"'],
    ['structures', "a header of 'descr', 'fortran_order' and 'shape' without structures, found "],
    ['bytes', 'floats of 16, 32 or 64 bits or unicode text, found "|S2"'],
  ] as const)('refuses %s', (name, message) => {
    expect(() => parseNpy(decoded(reference.refused[name].file), 'a.npy')).toThrow(`a.npy: expected ${message}`);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'a .npy file, found an empty file'],
    ['another file', Buffer.from('RIFF1234WAVE'), 'a .npy file, found a file that begins with "RIFF12"'],
    ['version 4', Buffer.from('\x93NUMPY\x04\x00v\x00', 'latin1'), '.npy of version 1, 2 or 3, found 4.0'],
    ['half a header', float32.subarray(0, 100), 'a header of 128 bytes, found a file of 100'],
    ['half the data', float32.subarray(0, -1), '96 bytes of shape [2, 3, 4] after the header, found 95'],
    ['more data', Buffer.concat([float32, Buffer.alloc(1)]), '96 bytes of shape [2, 3, 4] after the header, found 97'],
    ['no shape', withHeader("{'descr': '<f4'}"), 'a shape, found "none"'],
    ['a huge size', withHeader(dictionary("'<f4'", '(99999999999999999,)')), 'a shape, found "(99999999999999999,)"'],
    [
      'sizes beyond any memory',
      withHeader(dictionary("'<f4'", '(999999999, 999999999, 999999999)')),
      '3.999999988e+27 bytes of shape [999999999, 999999999, 999999999] after the header, found 96',
    ],
    [
      'empty texts without end',
      withHeader(dictionary("'<U0'", '(999999999,)')).subarray(0, 128),
      'an array in proportion',
    ],
    ['code', withHeader("{'descr': __import__('os')}"), "a header of 'descr', 'fortran_order' and 'shape' without"],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseNpy(bytes, 'a.npy')).toThrow(`a.npy: expected ${message}`);
  });

  it('refuses characters that are none', () => {
    const damaged = Buffer.from(letters);
    damaged.writeUInt32LE(0xd800, 128 + 20);
    expect(() => parseNpy(damaged, 'a.npy')).toThrow(
      new UserError('a.npy: value 1: expected unicode text, found the character 55296'),
    );
  });
});

it('loadNpy reads a file up to its limit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'motley-npy-'));
  try {
    const path = join(folder, 'a.npy');
    await writeFile(path, float32);
    expect((await loadNpy(path)).shape).toEqual([2, 3, 4]);
    await expect(loadNpy(path, 100)).rejects.toThrow(
      new UserError(`${path}: expected a .npy file of at most 100 bytes, found ${float32.length}`),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
