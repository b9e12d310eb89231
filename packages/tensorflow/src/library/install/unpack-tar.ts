import { createReadStream } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { Parser, type ReadEntry } from 'tar';
import { LibraryError } from '../errors.ts';
import { ensureFree } from './disk.ts';
import type { Unpacked, UnpackOptions } from './unpack.ts';
import { writeFileFrom } from './write-file.ts';

/**
 * Unpacks the regular files of a tar file that `options.select` selects. Links are never made: the official archives'
 * only repeat names. A name that leaves its folder refuses the archive.
 *
 * @throws LibraryError `bad-archive`.
 */
export async function unpackTar(path: string, options: UnpackOptions): Promise<Unpacked[]> {
  const unpacked: Unpacked[] = [];
  let doneBytes = 0;
  const onBytes = (bytes: number) => options.onProgress?.((doneBytes += bytes));

  const write = async (entry: ReadEntry): Promise<void> => {
    const name = entry.path;
    if (isAbsolute(name) || /^[A-Za-z]:/.test(name) || name.split(/[\\/]/).includes('..'))
      throw new LibraryError('bad-archive', `${path} holds ${JSON.stringify(name)}, outside its folder`);
    const to =
      entry.type === 'File' || entry.type === 'OldFile' ? options.select(name.replace(/^\.\//, '')) : undefined;
    if (to === undefined) {
      entry.resume();
      return;
    }
    await ensureFree(options.folder, entry.size, `unpacking ${name}`);
    const written = await writeFileFrom(entry, join(options.folder, to), { onBytes, signal: options.signal });
    unpacked.push({ name, path: to, ...written });
  };

  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    await new Promise<void>((resolve, reject) => {
      // The parser hands out one entry after another, each when the one before is read to its end.
      const writes: Promise<void>[] = [];
      const parser = new Parser({ strict: true, onReadEntry: (entry) => writes.push(write(entry).catch(reject)) });
      parser.on('error', reject);
      parser.on(
        'end',
        () =>
          void Promise.all(writes).then(() => {
            resolve();
          }),
      );
      source.on('error', reject);
      source.pipe(parser);
    });
  } catch (error) {
    const { syscall, code } = error as NodeJS.ErrnoException;
    // A name that comes twice is the archive's fault, a full disk is not.
    if (error instanceof LibraryError || (syscall !== undefined && code !== 'EEXIST')) throw error;
    throw new LibraryError('bad-archive', `${path} is damaged: ${(error as Error).message}`, { cause: error });
  } finally {
    source.destroy();
  }
  return unpacked;
}
