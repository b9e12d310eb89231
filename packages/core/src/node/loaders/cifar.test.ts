import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../random/random-stream.ts';
import { loadCifar } from './cifar.ts';

const NAMES = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`);
const PLANES = 3072;

/** Records with random color planes and the given labels. */
function records(labels: readonly (readonly number[])[], seed: number): Buffer {
  const random = RandomStream.fromSeed(seed);
  return Buffer.concat(labels.map((each) => Buffer.from([...each, ...random.integers(PLANES, 0, 256)])));
}

/** A tar archive of regular files as GNU tar writes it. `fields` overrides header fields by offset. */
function tar(files: Readonly<Record<string, Uint8Array>>, fields: Readonly<Record<number, string>> = {}): Buffer {
  const parts = Object.entries(files).flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        0', 148);
    for (const [offset, field] of Object.entries(fields)) header.write(field, Number(offset), 'latin1');
    header.write('ustar', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

describe('loadCifar', () => {
  let root: string;
  let folder: string;
  const part = { verify: false };
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'motley-cifar-'));
    folder = join(root, 'cifar-10-batches-bin');
    await mkdir(folder);
    for (const [index, name] of NAMES.entries())
      await writeFile(join(folder, name), records([[index], [index + 5]], index));
    await writeFile(join(folder, 'test_batch.bin'), records([[9]], 9));
  });
  afterAll(() => rm(root, { recursive: true }));

  it('reads the files in order, as RGB pixels', async () => {
    const { images, labels, coarseLabels, count } = await loadCifar(10, 'train', folder, part);
    expect([count, ...labels]).toEqual([10, 0, 5, 1, 6, 2, 7, 3, 8, 4, 9]);
    expect([...coarseLabels]).toEqual(Array.from({ length: 10 }, () => 0));
    const record = records([[2], [7]], 2).subarray(PLANES + 1 + 1);
    const picture = images.subarray(5 * PLANES, 6 * PLANES);
    for (const [row, column] of [
      [0, 0],
      [3, 31],
      [31, 7],
    ] as const) {
      const pixel = 32 * row + column;
      expect([...picture.subarray(3 * pixel, 3 * pixel + 3)]).toEqual(
        [0, 1024, 2048].map((plane) => record[plane + pixel]),
      );
    }
    expect((await loadCifar(10, 'test', root, part)).labels).toEqual(Uint8Array.of(9));
  });

  it('reads both labels of CIFAR-100', async () => {
    const hundred = join(root, 'cifar-100-binary');
    await mkdir(hundred);
    await writeFile(
      join(hundred, 'train.bin'),
      records(
        [
          [19, 99],
          [0, 41],
        ],
        3,
      ),
    );
    const { labels, coarseLabels } = await loadCifar(100, 'train', root, part);
    expect([[...labels], [...coarseLabels]]).toEqual([
      [99, 41],
      [19, 0],
    ]);
    await writeFile(join(hundred, 'train.bin'), records([[20, 99]], 3));
    await expect(loadCifar(100, 'train', root, part)).rejects.toThrow('labels from 0 to 19, found 20 in record 0');
  });

  it('reads the archive without unpacking it to disk', async () => {
    const path = join(root, 'cifar-10-binary.tar.gz');
    const files = Object.fromEntries(
      NAMES.map((name, index) => [`cifar-10-batches-bin/${name}`, records([[index]], index)]),
    );
    await writeFile(path, gzipSync(tar(files)));
    expect([...(await loadCifar(10, 'train', path, part)).labels]).toEqual([0, 1, 2, 3, 4]);
    await expect(loadCifar(10, 'test', path, part)).rejects.toThrow('expected cifar-10-batches-bin/test_batch.bin in');
    const md5 = createHash('md5')
      .update(gzipSync(tar(files)))
      .digest('hex');
    await expect(loadCifar(10, 'train', path)).rejects.toThrow(
      `${path}: expected the published file, md5 c32a1d4ab5d03f1284b67883e8d87530, found ${md5}`,
    );
    const whole = tar(files);
    await writeFile(path, gzipSync(whole.subarray(0, 5000)));
    await expect(loadCifar(10, 'train', path, part)).rejects.toThrow(/expected 3073 bytes of .*_2.bin, found \d+/);
    whole[3]! ^= 1;
    await writeFile(path, gzipSync(whole));
    await expect(loadCifar(10, 'train', path, part)).rejects.toThrow('found a damaged header at byte 0');
    await writeFile(path, 'no gzip');
    await expect(loadCifar(10, 'train', path, part)).rejects.toThrow(/expected cifar-10-binary.tar.gz, found: /);
  });

  it.each([
    ['a symbolic link', { 156: '2', 157: '/etc/hostname' }, 'expected cifar-10-batches-bin/test_batch.bin in it'],
    ['a hard link', { 156: '1', 157: '../test_batch.bin' }, 'expected cifar-10-batches-bin/test_batch.bin in it'],
    ['a folder', { 156: '5' }, 'found a damaged header at byte 512'],
    ['a path out of its folder', { 345: '..' }, 'expected cifar-10-batches-bin/test_batch.bin in it'],
    ['8 GB', { 124: '77777777777' }, 'expected 8589934591 bytes of cifar-10-batches-bin/test_batch.bin, found 4608'],
    ['2^53 bytes', { 124: '\x80\0\0\0\0\x20\0\0\0\0\0\0' }, 'found a damaged header at byte 0'],
    ['-1 byte', { 124: '\xff'.repeat(12) }, 'found a damaged header at byte 0'],
    ['no size', { 124: 'size?' }, 'found a damaged header at byte 0'],
  ])('refuses an archive with %s in place of a file', async (_, fields, message) => {
    const path = join(root, 'hostile.tar.gz');
    const name = 'cifar-10-batches-bin/test_batch.bin';
    await writeFile(path, gzipSync(tar({ [name]: records([[9]], 9) }, { 257: 'ustar\u000000', ...fields })));
    await expect(loadCifar(10, 'test', path, part)).rejects.toThrow(message);
  });

  it('names a missing, damaged or altered file and the download page', async () => {
    const line = /expected the folder cifar-10-batches-bin or cifar-10-binary.tar.gz \(https.*md5 c32a1d4a/;
    await expect(loadCifar(10, 'train', join(root, 'nowhere'))).rejects.toThrow(line);
    await expect(loadCifar(100, 'test', root)).rejects.toThrow(/test.bin: expected the folder cifar-100-binary/);
    await expect(loadCifar(10, 'train', folder)).rejects.toThrow(
      /data_batch_1.bin: expected the published file, sha1 aadd24ac\w+, found \w{40}$/,
    );
    const damaged = join(root, 'damaged');
    await mkdir(damaged);
    await writeFile(join(damaged, 'test_batch.bin'), records([[1]], 1).subarray(1));
    await expect(loadCifar(10, 'test', damaged, part)).rejects.toThrow('records of 3073 bytes, found 3072 bytes');
    await rm(join(damaged, 'test_batch.bin'));
    await symlink(join(folder, 'test_batch.bin'), join(damaged, 'test_batch.bin'));
    await expect(loadCifar(10, 'test', damaged, part)).rejects.toThrow(/expected a path within/);
  });
});
