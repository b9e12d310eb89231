import { createReadStream } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { Parser, type ReadEntry } from 'tar';
import { LibraryError } from '../errors.ts';
import { ensureFree } from './disk.ts';
import type { Unpacked, UnpackOptions } from './unpack-options.ts';
import { writeFileFrom } from './write-file.ts';

/**
 * Unpacks the regular files of a tar file that `options.select` selects. Links are skipped: those in the official
 * archives only repeat names. An archive with a name that leaves the folder is refused.
 *
 * @throws LibraryError `bad-archive`
 */
export async function unpackTar(path: string, options: UnpackOptions): Promise<Unpacked[]> {
  const unpacked: Unpacked[] = [];
  let doneBytes = 0;
  const onBytes = (bytes: number) => options.onProgress?.((doneBytes += bytes));
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;

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
    const written = await writeFileFrom(entry, join(options.folder, to), { onBytes, signal });
    unpacked.push({ name, path: to, ...written });
  };

  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  // The parser emits an entry when the one before has been read, perhaps before that one is written.
  let writes = Promise.resolve();
  try {
    await new Promise<void>((resolve, reject) => {
      const onReadEntry = (entry: ReadEntry): void => {
        writes = writes.then(() => write(entry));
        writes.catch(reject);
      };
      const parser = new Parser({ strict: true, onReadEntry });
      parser.on('error', reject);
      parser.on('end', () => {
        writes.then(resolve, reject);
      });
      source.on('error', reject);
      source.pipe(parser);
    });
  } catch (error) {
    const { syscall, code } = error as NodeJS.ErrnoException;
    // A name that occurs twice is the archive's fault, a full disk is not.
    if (error instanceof LibraryError || (syscall !== undefined && code !== 'EEXIST')) throw error;
    throw new LibraryError('bad-archive', `${path} is damaged: ${(error as Error).message}`, { cause: error });
  } finally {
    source.destroy();
    // All writes must have ended when the caller removes the folder.
    stop.abort();
    await writes.catch(() => undefined);
  }
  return unpacked;
}
