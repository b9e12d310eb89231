import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { open, type Entry, type ZipFile } from 'yauzl';
import { LibraryError } from '../errors.ts';
import { ensureFree } from './disk.ts';
import type { Unpacked, UnpackOptions } from './unpack-options.ts';
import { writeFileFrom } from './write-file.ts';

const MAXIMUM_ENTRIES = 200_000;
const MAXIMUM_TEXT_BYTES = 16 << 20;

/** An open zip file, such as a wheel. An archive with a name that leaves the folder is refused when it is opened. */
export class ZipReader {
  readonly entries: readonly Entry[];
  readonly #path: string;
  readonly #file: ZipFile;

  private constructor(path: string, file: ZipFile, entries: Entry[]) {
    this.#path = path;
    this.#file = file;
    this.entries = entries;
  }

  /** Opens `path`, runs `work`, and closes it. @throws LibraryError `bad-archive` */
  static async with<Result>(path: string, work: (zip: ZipReader) => Promise<Result>): Promise<Result> {
    const file = await openZip(path);
    try {
      return await work(new ZipReader(path, file, await readEntries(path, file)));
    } finally {
      file.close();
    }
  }

  /** Reads a small text file; undefined where no name matches. */
  async text(name: RegExp): Promise<string | undefined> {
    const entry = this.entries.find(({ fileName }) => name.test(fileName));
    if (!entry) return undefined;
    if (entry.uncompressedSize > MAXIMUM_TEXT_BYTES)
      throw new LibraryError('bad-archive', `${this.#path}: ${entry.fileName} claims ${entry.uncompressedSize} bytes`);
    const parts: Buffer[] = [];
    for await (const part of this.#checked(entry)) parts.push(part);
    return Buffer.concat(parts).toString('utf8');
  }

  /** Unpacks the entries that `options.select` selects, as streams. */
  async unpack(options: UnpackOptions): Promise<Unpacked[]> {
    const chosen = this.entries.flatMap((entry) => {
      const to = entry.fileName.endsWith('/') ? undefined : options.select(entry.fileName);
      return to === undefined ? [] : [{ entry, to }];
    });
    const totalBytes = chosen.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0);
    await ensureFree(options.folder, totalBytes, 'unpacking');
    let doneBytes = 0;
    const unpacked: Unpacked[] = [];
    for (const { entry, to } of chosen) {
      const written = await writeFileFrom(this.#checked(entry), join(options.folder, to), {
        onBytes: (bytes) => options.onProgress?.((doneBytes += bytes), totalBytes),
        executable: to.includes('/bin/'),
        signal: options.signal,
      });
      unpacked.push({ name: entry.fileName, path: to, ...written });
    }
    return unpacked;
  }

  /** An entry's content in chunks of a megabyte: yauzl's chunks of 16 kB take four times as long to write. */
  async *#content(entry: Entry): AsyncGenerator<Buffer, void> {
    const compressed = entry.isCompressed();
    const raw = await new Promise<Readable>((resolve, reject) => {
      const options = { decompress: compressed ? false : null, decrypt: null, start: null, end: null };
      this.#file.openReadStream(entry, options, (error, stream) => {
        if (error) reject(error);
        else resolve(stream);
      });
    });
    const stream = compressed ? raw.pipe(createInflateRaw({ chunkSize: 1 << 20 })) : raw;
    raw.on('error', (error) => stream.destroy(error));
    let bytes = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > entry.uncompressedSize) break;
        yield chunk;
      }
    } finally {
      raw.destroy();
    }
    if (bytes !== entry.uncompressedSize)
      throw new Error(`${entry.fileName} is announced as ${entry.uncompressedSize} bytes and has ${bytes}`);
  }

  async *#checked(entry: Entry): AsyncGenerator<Buffer, void> {
    try {
      yield* this.#content(entry);
    } catch (error) {
      throw badZip(this.#path, error as Error);
    }
  }
}

function badZip(path: string, cause: Error): LibraryError {
  return cause instanceof LibraryError
    ? cause
    : new LibraryError('bad-archive', `${path} is damaged: ${cause.message}`, { cause });
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false, strictFileNames: true }, (error, file) => {
      if (error) reject(badZip(path, error));
      else resolve(file);
    });
  });
}

function readEntries(path: string, file: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    if (file.entryCount > MAXIMUM_ENTRIES) {
      reject(
        new LibraryError('bad-archive', `${path} claims ${file.entryCount} entries, more than ${MAXIMUM_ENTRIES}`),
      );
      return;
    }
    file.on('entry', (entry: Entry) => {
      entries.push(entry);
      file.readEntry();
    });
    file.on('end', () => {
      resolve(entries);
    });
    file.on('error', (error: Error) => {
      reject(badZip(path, error));
    });
    file.readEntry();
  });
}
