import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { UserError } from '../../../config/errors.ts';
import { readUserFile, writing } from '../../files.ts';

/**
 * Header of `run-ID.wandb`, the file of an offline run of Weights & Biases: seven bytes, then records in LevelDB's log
 * format (github.com/google/leveldb, doc/log_format.md) with zlib's CRC-32.
 */
const HEADER = Buffer.from([...Buffer.from(':W&B'), 0xe1, 0xbe, 0]);
const BLOCK_LENGTH = 32 * 1024;
const CHUNK_HEADER_LENGTH = 7;
const CHUNK = { full: 1, first: 2, middle: 3, last: 4 } as const;
const MAX_BYTES = 2 ** 30;

/** Appends records to the file of a run. */
export class RunFileWriter {
  readonly path: string;
  readonly #file: FileHandle;
  #position: number;
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
    this.#position = HEADER.length;
  }

  /**
   * Creates the file, or empties an existing one.
   * @throws StorageError where it cannot be written
   */
  static async open(path: string): Promise<RunFileWriter> {
    const file = await writing(path, async () => {
      const handle = await open(path, 'w');
      await handle.writeFile(HEADER);
      return handle;
    });
    return new RunFileWriter(path, file);
  }

  append(record: Uint8Array): Promise<void> {
    const bytes = frame(record, this.#position);
    this.#position += bytes.length;
    this.#queue = this.#queue.then(() => writing(this.path, () => this.#file.appendFile(bytes)));
    return this.#queue;
  }

  /** Waits for pending writes, flushes and closes the file. */
  async close(): Promise<void> {
    try {
      await this.#queue;
      await writing(this.path, () => this.#file.sync());
    } finally {
      await this.#file.close();
    }
  }
}

/** Splits a record into chunks that stay within blocks. Space too small for a chunk header is filled with zeros. */
function frame(record: Uint8Array, position: number): Buffer {
  const parts: Uint8Array[] = [];
  let offset = 0;
  let place = position % BLOCK_LENGTH;
  let isFirst = true;
  let isLast = false;
  while (!isLast) {
    if (BLOCK_LENGTH - place < CHUNK_HEADER_LENGTH) {
      parts.push(new Uint8Array(BLOCK_LENGTH - place));
      place = 0;
    }
    const length = Math.min(record.length - offset, BLOCK_LENGTH - place - CHUNK_HEADER_LENGTH);
    isLast = offset + length === record.length;
    const type = isFirst ? (isLast ? CHUNK.full : CHUNK.first) : isLast ? CHUNK.last : CHUNK.middle;
    const typeAndData = Buffer.concat([Uint8Array.of(type), record.subarray(offset, offset + length)]);
    const header = Buffer.alloc(CHUNK_HEADER_LENGTH - 1);
    header.writeUInt32LE(crc32(typeAndData), 0);
    header.writeUInt16LE(length, 4);
    parts.push(header, typeAndData);
    offset += length;
    place += CHUNK_HEADER_LENGTH + length;
    isFirst = false;
  }
  return Buffer.concat(parts);
}

/**
 * Records of a run's file, up to the point where a crash cut it.
 * @throws UserError where it is another kind of file
 */
export async function readRunFile(path: string): Promise<Uint8Array[]> {
  const bytes = await readUserFile(path, 'a run of Weights & Biases', MAX_BYTES);
  if (!bytes.subarray(0, HEADER.length).equals(HEADER)) {
    throw new UserError(`${path}: expected a run of Weights & Biases, found other bytes`);
  }
  const records: Uint8Array[] = [];
  let chunks: Uint8Array[] = [];
  for (let position = HEADER.length; position + CHUNK_HEADER_LENGTH <= bytes.length;) {
    const left = BLOCK_LENGTH - (position % BLOCK_LENGTH);
    if (left < CHUNK_HEADER_LENGTH) {
      position += left;
      continue;
    }
    const end = position + CHUNK_HEADER_LENGTH + bytes.readUInt16LE(position + 4);
    const typeAndData = bytes.subarray(position + CHUNK_HEADER_LENGTH - 1, end);
    if (end > bytes.length || crc32(typeAndData) !== bytes.readUInt32LE(position)) break;
    chunks.push(typeAndData.subarray(1));
    if (typeAndData[0] === CHUNK.full || typeAndData[0] === CHUNK.last) {
      records.push(Buffer.concat(chunks));
      chunks = [];
    }
    position = end;
  }
  return records;
}
