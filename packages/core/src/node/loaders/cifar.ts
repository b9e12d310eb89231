import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UserError } from '@motley/run';
import { readUserFile, reasonOf } from '@motley/run/node';
import { fileWithin } from './folders.ts';
import { tarFiles } from './tar.ts';

/** Color images of 32 × 32 pixels with their classes. */
export interface CifarImages {
  /** [N, 32, 32, 3], RGB, 0 to 255. */
  readonly images: Uint8Array;
  /** [N], class indices from 0 to 9, or to 99 in CIFAR-100. */
  readonly labels: Uint8Array;
  /** [N], superclass indices from 0 to 19 in CIFAR-100. All 0 in CIFAR-10. */
  readonly coarseLabels: Uint8Array;
  /** Number of images N. */
  readonly count: number;
}

export interface CifarOptions {
  /**
   * Whether to verify that every file is the published one, by its checksum. False accepts any number of whole records:
   * a subset, or other data in the same format. Default true.
   */
  readonly verify?: boolean;
}

const SIZE = 32;
const PLANE = SIZE * SIZE;
/** Size limit of the unpacked archive. The published ones unpack to 184 MB. */
const MAX_BYTES = 400_000_000;
const PAGE = 'https://www.cs.toronto.edu/~kriz/cifar.html';

interface Layout {
  readonly archive: string;
  /** MD5 of the archive, from the download page. */
  readonly md5: string;
  readonly folder: string;
  /** SHA-1 by file name, from Apache MXNet's `gluon.data.vision`. */
  readonly files: Readonly<Record<'train' | 'test', Readonly<Record<string, string>>>>;
  /** Number of classes of each label in a record. The last label is the class. */
  readonly labels: readonly number[];
}

const LAYOUTS: Readonly<Record<10 | 100, Layout>> = {
  10: {
    archive: 'cifar-10-binary.tar.gz',
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
    folder: 'cifar-10-batches-bin',
    files: {
      train: {
        'data_batch_1.bin': 'aadd24acce27caa71bf4b10992e9e7b2d74c2540',
        'data_batch_2.bin': 'c0ba65cce70568cd57b4e03e9ac8d2a5367c1795',
        'data_batch_3.bin': '1dd00a74ab1d17a6e7d73e185b69dbf31242f295',
        'data_batch_4.bin': 'aab85764eb3584312d3c7f65fd2fd016e36a258e',
        'data_batch_5.bin': '26e2849e66a845b7f1e4614ae70f4889ae604628',
      },
      test: { 'test_batch.bin': '67eb016db431130d61cd03c7ad570b013799c88c' },
    },
    labels: [10],
  },
  100: {
    archive: 'cifar-100-binary.tar.gz',
    md5: '03b5dce01913d631647c71ecec9e9cb8',
    folder: 'cifar-100-binary',
    files: {
      train: { 'train.bin': 'e207cd2e05b73b1393c74c7f5e7bea451d63e08e' },
      test: { 'test.bin': '8fb6623e830365ff53cf14adec797474f5478006' },
    },
    labels: [20, 100],
  },
};

/**
 * Loads CIFAR-10 or CIFAR-100 (Krizhevsky, 2009) from a local copy of the binary version.
 * @param path the folder, its parent, or the `.tar.gz`, which is never unpacked to disk
 * @param classes 10 or 100
 * @throws UserError if a file is missing (with the download page), damaged, or not the published one
 */
export async function loadCifar(
  classes: 10 | 100,
  split: 'train' | 'test',
  path: string,
  { verify = true }: CifarOptions = {},
): Promise<CifarImages> {
  const layout = LAYOUTS[classes];
  const named = path.endsWith('.tar.gz')
    ? await filesOfArchive(layout, split, path, verify)
    : await filesOfFolder(layout, split, path);
  const records = named.map(([name, bytes, sha1]) => {
    if (verify) checkSum(name, bytes, 'sha1', sha1);
    return parseRecords(name, bytes, layout.labels);
  });
  return {
    images: concatenated(records.map(({ images }) => images)),
    labels: concatenated(records.map(({ labels }) => labels)),
    coarseLabels: concatenated(records.map(({ coarseLabels }) => coarseLabels)),
    count: records.reduce((sum, { count }) => sum + count, 0),
  };
}

type NamedFile = readonly [name: string, bytes: Uint8Array, sha1: string];

async function filesOfFolder(layout: Layout, split: 'train' | 'test', path: string): Promise<NamedFile[]> {
  const inner = join(path, layout.folder);
  const folder = (await isFolder(inner)) ? inner : path;
  if (!(await isFolder(folder))) throw absent(layout, path, 'nothing there');
  const files: NamedFile[] = [];
  for (const [name, sha1] of Object.entries(layout.files[split])) {
    const file = join(folder, name);
    const isThere = await stat(file).then(
      () => true,
      () => false,
    );
    if (!isThere) throw absent(layout, file, 'no such file');
    const bytes = await readUserFile(await fileWithin(folder, name, file), `${name} of ${layout.folder}`, MAX_BYTES);
    files.push([file, bytes, sha1]);
  }
  return files;
}

async function filesOfArchive(
  layout: Layout,
  split: 'train' | 'test',
  path: string,
  verify: boolean,
): Promise<NamedFile[]> {
  const stored = await readUserFile(path, layout.archive, MAX_BYTES);
  if (verify) checkSum(path, stored, 'md5', layout.md5);
  const unpacked = await promisify(gunzip)(stored, { maxOutputLength: MAX_BYTES }).catch((error: unknown) => {
    throw new UserError(`${path}: expected ${layout.archive}, found: ${reasonOf(error)}`, { cause: error });
  });
  const files = tarFiles(unpacked, path);
  return Object.entries(layout.files[split]).map(([name, sha1]) => {
    const inside = `${layout.folder}/${name}`;
    const bytes = files.get(inside);
    if (bytes === undefined) throw new UserError(`${path}: expected ${inside} in it, found none`);
    return [`${path}: ${inside}`, bytes, sha1] as const;
  });
}

function absent({ archive, folder, md5 }: Layout, path: string, found: string): UserError {
  return new UserError(
    `${path}: expected the folder ${folder} or ${archive} (${PAGE}, "binary version", md5 ${md5}), found ${found}`,
  );
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function checkSum(name: string, bytes: Uint8Array, algorithm: 'md5' | 'sha1', expected: string): void {
  const found = createHash(algorithm).update(bytes).digest('hex');
  if (found !== expected)
    throw new UserError(`${name}: expected the published file, ${algorithm} ${expected}, found ${found}`);
}

/** Decodes records. Each holds its labels, one byte each, then the red, green and blue planes. */
function parseRecords(name: string, bytes: Uint8Array, limits: readonly number[]): CifarImages {
  const length = limits.length + 3 * PLANE;
  const count = bytes.length / length;
  if (!Number.isInteger(count) || count === 0)
    throw new UserError(`${name}: expected records of ${length} bytes, found ${bytes.length} bytes`);
  const images = new Uint8Array(count * 3 * PLANE);
  const [labels, coarseLabels] = [new Uint8Array(count), new Uint8Array(count)];
  for (let record = 0; record < count; record++) {
    const start = record * length;
    for (const [position, limit] of limits.entries())
      if (bytes[start + position]! >= limit)
        throw new UserError(
          `${name}: expected labels from 0 to ${limit - 1}, found ${bytes[start + position]!} in record ${record}`,
        );
    labels[record] = bytes[start + limits.length - 1]!;
    if (limits.length > 1) coarseLabels[record] = bytes[start]!;
    const planes = start + limits.length;
    const target = record * 3 * PLANE;
    for (let pixel = 0; pixel < PLANE; pixel++)
      for (let channel = 0; channel < 3; channel++)
        images[target + 3 * pixel + channel] = bytes[planes + channel * PLANE + pixel]!;
  }
  return { images, labels, coarseLabels, count };
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
