import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError, writing } from '../files.ts';
import { maskedCrc32c } from './crc32c.ts';
import { bytesField, doubleField, floatField, varintField } from './protobuf.ts';

/** TensorFlow's DT_STRING. */
const STRING_DTYPE = 7;
/** SessionLog.START: TensorBoard drops what an earlier file holds from this step on. */
const SESSION_START = 1;

/**
 * Writes what TensorBoard reads: `events.out.tfevents.*`, TFRecord frames of Event messages (tensorflow/core/util/
 * event.proto, tensorflow/core/framework/summary.proto). Field numbers are theirs.
 */
export class EventWriter {
  readonly path: string;
  readonly #file: FileHandle;
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /**
   * A new file in `folder`.
   * @param fromStep above 0 where a run goes on: TensorBoard forgets what the older files hold of later steps
   * @throws StorageError where it cannot be written
   */
  static async open(folder: string, fromStep = 0): Promise<EventWriter> {
    const seconds = Math.floor(Date.now() / 1000);
    for (let attempt = 0; ; attempt++) {
      const path = join(folder, `events.out.tfevents.${seconds}.${process.pid}.${attempt}.motley`);
      const file = await writing(path, () => open(path, 'ax')).catch((error: unknown) => {
        if (error instanceof StorageError && (error.cause as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
        throw error;
      });
      if (file === undefined) continue;
      const writer = new EventWriter(path, file);
      await writer.#append([bytesField(3, 'brain.Event:2')]);
      if (fromStep > 0)
        await writer.#append([varintField(2, fromStep + 1), bytesField(7, [varintField(1, SESSION_START)])]);
      return writer;
    }
  }

  /** One point of the curve `tag`. */
  writeScalar(tag: string, value: number, step: number): Promise<void> {
    return this.#writeValue(step, [bytesField(1, tag), floatField(2, value)]);
  }

  /** A PNG file's bytes under `tag`. */
  writeImage(tag: string, png: Uint8Array, step: number): Promise<void> {
    const { width, height } = pngSize(png);
    const image = [varintField(1, height), varintField(2, width), varintField(3, 3), bytesField(4, png)];
    return this.#writeValue(step, [bytesField(1, tag), bytesField(4, image)]);
  }

  /** Markdown under `tag`. */
  writeText(tag: string, markdown: string, step: number): Promise<void> {
    const shape = bytesField(2, [bytesField(2, [varintField(1, 1)])]);
    const tensor = [varintField(1, STRING_DTYPE), shape, bytesField(8, markdown)];
    const metadata = bytesField(1, [bytesField(1, 'text')]);
    return this.#writeValue(step, [bytesField(1, tag), bytesField(8, tensor), bytesField(9, [metadata])]);
  }

  /** Waits for what is under way and closes the file. */
  async close(): Promise<void> {
    await this.#queue.catch(() => undefined);
    await this.#file.close();
  }

  #writeValue(step: number, value: readonly Uint8Array[]): Promise<void> {
    return this.#append([varintField(2, step), bytesField(5, [bytesField(1, value)])]);
  }

  #append(fields: readonly Uint8Array[]): Promise<void> {
    const record = frame(Buffer.concat([doubleField(1, Date.now() / 1000), ...fields]));
    this.#queue = this.#queue.then(() => writing(this.path, () => this.#file.appendFile(record)));
    return this.#queue;
  }
}

/** TFRecord: length, its checksum, data, its checksum; little-endian. */
function frame(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(12 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return record;
}

/** A PNG's size in pixels, from its IHDR chunk. */
export function pngSize(png: Uint8Array): { readonly width: number; readonly height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  if (png.length < 24 || view.getUint32(0) !== 0x89504e47) throw new Error('expected a PNG file, got other bytes');
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
