import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { maskedCrc32c } from '../../checksums/crc32c.ts';
import type { HistogramBins } from '../figures/histogram-bins.ts';
import { StorageError, writing } from '../files.ts';
import {
  bytesField,
  doubleField,
  encodeMessage,
  type Field,
  floatField,
  integerField,
  messageField,
} from '../protobuf.ts';
import type { RunStatus } from '../run/summary.ts';
import { SESSION_END_TAG, SESSION_START_TAG, sessionEnd, sessionStart } from './hyperparameters.ts';

/** TensorFlow's DataType enum. */
const DTYPE = { float: 1, double: 2, string: 7 } as const;
/** SessionLog.START. From the second one on, TensorBoard drops earlier files' events from its step onwards. */
const SESSION_START = 1;

/**
 * Writes TensorBoard's event files, `events.out.tfevents.*`: TFRecord frames of Event messages (tensorflow/core/util/
 * event.proto, tensorflow/core/framework/summary.proto).
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
   * Creates a new file in `folder`.
   * @param fromStep last step kept of a resumed run: TensorBoard drops later steps in the older files
   * @throws StorageError where the file cannot be written
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
      const firstStep = fromStep === 0 ? 0 : fromStep + 1;
      await writer.#append([integerField(2, firstStep), messageField(7, [integerField(1, SESSION_START)])]);
      return writer;
    }
  }

  /** Adds a point to the curve `tag`. */
  writeScalar(tag: string, value: number, step: number): Promise<void> {
    return this.#writeValue(step, [bytesField(1, tag), floatField(2, value)]);
  }

  /** Writes a PNG image under `tag`. */
  writeImage(tag: string, png: Uint8Array, step: number): Promise<void> {
    const { width, height } = pngSize(png);
    const image = [integerField(1, height), integerField(2, width), integerField(3, 3), bytesField(4, png)];
    return this.#writeValue(step, [bytesField(1, tag), messageField(4, image)]);
  }

  /** Writes Markdown under `tag`. */
  writeText(tag: string, markdown: string, step: number): Promise<void> {
    return this.#writeTensor(tag, step, 'text', tensor(DTYPE.string, [1], bytesField(8, markdown)));
  }

  /** Writes a histogram under `tag`, for the Histograms and Distributions pages. */
  writeHistogram(tag: string, { edges, counts }: HistogramBins, step: number): Promise<void> {
    const rows = Buffer.alloc(counts.length * 3 * 8);
    for (let bin = 0; bin < counts.length; bin++) {
      rows.writeDoubleLE(edges[bin]!, bin * 24);
      rows.writeDoubleLE(edges[bin + 1]!, bin * 24 + 8);
      rows.writeDoubleLE(counts[bin]!, bin * 24 + 16);
    }
    return this.#writeTensor(tag, step, 'histograms', tensor(DTYPE.double, [counts.length, 3], bytesField(4, rows)));
  }

  /** Writes an encoded GraphDef, for the Graphs page. */
  writeGraph(graphDef: Uint8Array): Promise<void> {
    return this.#append([bytesField(4, graphDef)]);
  }

  /**
   * Writes the run's row in the HParams page. Its metrics are the run's scalars. No Experiment message is written: it
   * would fix the columns for all runs shown together, which TensorBoard otherwise gathers from all of them.
   */
  writeSessionStart(values: Readonly<Record<string, string | number | boolean>>): Promise<void> {
    return this.#writePluginData(SESSION_START_TAG, sessionStart(values));
  }

  /** Writes the run's final status. TensorBoard keeps the first one it reads, so a resumable run has none. */
  writeSessionEnd(status: Exclude<RunStatus, 'stopped'>): Promise<void> {
    return this.#writePluginData(SESSION_END_TAG, sessionEnd(status));
  }

  /** Waits for pending writes and closes the file. */
  async close(): Promise<void> {
    await this.#queue.catch(() => undefined);
    await this.#file.close();
  }

  #writeValue(step: number, value: readonly Field[]): Promise<void> {
    return this.#append([integerField(2, step), messageField(5, [messageField(1, value)])]);
  }

  #writeTensor(tag: string, step: number, plugin: string, value: readonly Field[]): Promise<void> {
    const metadata = messageField(1, [bytesField(1, plugin)]);
    return this.#writeValue(step, [bytesField(1, tag), messageField(8, value), messageField(9, [metadata])]);
  }

  #writePluginData(tag: string, content: Field): Promise<void> {
    const metadata = messageField(1, [bytesField(1, 'hparams'), messageField(2, [content])]);
    // The data are in the metadata. A value must have a tensor all the same.
    const nothing = tensor(DTYPE.float, [], bytesField(4, new Uint8Array(4)));
    return this.#writeValue(0, [bytesField(1, tag), messageField(8, nothing), messageField(9, [metadata])]);
  }

  #append(fields: readonly Field[]): Promise<void> {
    const record = frame(encodeMessage([doubleField(1, Date.now() / 1000), ...fields]));
    this.#queue = this.#queue.then(() => writing(this.path, () => this.#file.appendFile(record)));
    return this.#queue;
  }
}

/** TensorProto */
function tensor(dtype: number, shape: readonly number[], content: Field): Field[] {
  const dimensions = shape.map((size) => messageField(2, [integerField(1, size)]));
  return [integerField(1, dtype), messageField(2, dimensions), content];
}

/** A TFRecord: length, its checksum, data, its checksum. Little-endian. */
function frame(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(12 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return record;
}

/** Size of a PNG in pixels, from its IHDR chunk. */
export function pngSize(png: Uint8Array): { readonly width: number; readonly height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  if (png.length < 24 || view.getUint32(0) !== 0x89504e47) throw new Error('expected a PNG file, got other bytes');
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
