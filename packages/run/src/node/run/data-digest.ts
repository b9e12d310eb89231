import { createHash, type Hash } from 'node:crypto';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../config/errors.ts';
import { reasonOf } from '../files.ts';

/** Up to this size, every byte counts. It takes a second or two. */
const MAX_WHOLE_BYTES = 2 ** 30;
/** Bytes at either end of a file that count in larger data. */
const END_BYTES = 2 ** 16;
/** Files whose ends count in larger data, at even distances. */
const MAX_SAMPLED_FILES = 1000;
const CHUNK_BYTES = 2 ** 20;

const CLUTTER = new Set(['thumbs.db', 'desktop.ini', '__macosx']);

/** Whether a name belongs to no data: a hidden file, or a leftover of a file manager. */
export function isClutter(name: string): boolean {
  return name.startsWith('.') || CLUTTER.has(name.toLowerCase());
}

interface DataFile {
  /** Path from the folder, with slashes. Empty for a file that is the data itself. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/**
 * SHA-256 of a file's content, as `sha256sum` prints it, or of a folder's sorted relative names, sizes and contents,
 * without hidden files. The name of the file or folder itself does not count. Of data larger than 1 GiB, all names and
 * sizes count, and the first and last 64 KiB of up to 1000 files at even distances.
 * @returns null where there is no such file or folder, or it is a pipe or device, which can be read only once
 * @throws UserError naming a file that cannot be read
 */
export async function digestOf(path: string): Promise<string | null> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || !(stats.isFile() || stats.isDirectory())) return null;
  const files = stats.isFile() ? [{ name: '', path, size: stats.size }] : await filesIn(path);
  const isWhole = files.reduce((sum, { size }) => sum + size, 0) <= MAX_WHOLE_BYTES;
  const every = isWhole ? 1 : Math.ceil(files.length / MAX_SAMPLED_FILES);
  const hash = createHash('sha256');
  for (const [index, file] of files.entries()) {
    if (stats.isDirectory() || !isWhole) hash.update(`${JSON.stringify([file.name, file.size])}\n`);
    if (index % every === 0) await addContent(hash, file, isWhole);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Files below a folder by name. Links are followed, but not to a folder that contains them. */
async function filesIn(root: string): Promise<DataFile[]> {
  const files: DataFile[] = [];
  const visit = async (folder: string, prefix: string, above: readonly string[]): Promise<void> => {
    const real = await realpath(folder);
    if (above.includes(real)) return;
    for (const name of (await readdir(folder)).filter((each) => !isClutter(each))) {
      const path = join(folder, name);
      const stats = await stat(path).catch(() => undefined);
      if (stats?.isDirectory() === true) await visit(path, `${prefix}${name}/`, [...above, real]);
      else files.push({ name: prefix + name, path, size: stats?.isFile() === true ? stats.size : 0 });
    }
  };
  await reading(root, () => visit(root, '', []));
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function addContent(hash: Hash, { path, size }: DataFile, isWhole: boolean): Promise<void> {
  if (size === 0) return;
  const parts =
    isWhole || size <= 2 * END_BYTES
      ? [[0, size]]
      : [
          [0, END_BYTES],
          [size - END_BYTES, size],
        ];
  await reading(path, async () => {
    const file = await open(path);
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size));
    try {
      for (const [begin = 0, end = 0] of parts) {
        for (let position = begin; position < end;) {
          const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - position), position);
          if (bytesRead === 0) break;
          hash.update(buffer.subarray(0, bytesRead));
          position += bytesRead;
        }
      }
    } finally {
      await file.close();
    }
  });
}

async function reading<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new UserError(`${path}: expected data, found: ${reasonOf(error)}`, { cause: error });
  }
}
