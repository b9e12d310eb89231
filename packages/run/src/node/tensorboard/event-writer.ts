import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { maskedCrc32c } from '../../checksums/crc32c.ts';
import type { HistogramBins } from '../figures/histogram-bins.ts';
import { StorageError, writing } from '../files.ts';
import type { RunStatus } from '../run/summary.ts';
import { SESSION_END_TAG, SESSION_START_TAG, sessionEnd, sessionStart } from './hyperparameters.ts';
import { bytesField, doubleField, floatField, varintField } from './protobuf.ts';

/** TensorFlow's numbers for types of tensors. */
const DTYPE = { float: 1, double: 2, string: 7 } as const;
/** SessionLog.START: from the second on, TensorBoard drops what earlier files hold from its step on. */
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
      const firstStep = fromStep === 0 ? 0 : fromStep + 1;
      await writer.#append([varintField(2, firstStep), bytesField(7, [varintField(1, SESSION_START)])]);
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
    return this.#writeTensor(tag, step, 'text', tensor(DTYPE.string, [1], bytesField(8, markdown)));
  }

  /** How often which values occur, under `tag`: a row of the Histograms and Distributions pages. */
  writeHistogram(tag: string, { edges, counts }: HistogramBins, step: number): Promise<void> {
    const rows = Buffer.alloc(counts.length * 3 * 8);
    for (let bin = 0; bin < counts.length; bin++) {
      rows.writeDoubleLE(edges[bin]!, bin * 24);
      rows.writeDoubleLE(edges[bin + 1]!, bin * 24 + 8);
      rows.writeDoubleLE(counts[bin]!, bin * 24 + 16);
    }
    return this.#writeTensor(tag, step, 'histograms', tensor(DTYPE.double, [counts.length, 3], bytesField(4, rows)));
  }

  /** A GraphDef's bytes: the Graphs page. */
  writeGraph(graphDef: Uint8Array): Promise<void> {
    return this.#append([bytesField(4, graphDef)]);
  }

  /**
   * The run's row in the HParams page, which finds its metrics among the run's scalars. An Experiment message would fix
   * the columns of every run that is shown beside this one, so none is written: TensorBoard then gathers them from all.
   */
  writeSessionStart(values: Readonly<Record<string, string | number | boolean>>): Promise<void> {
    return this.#writePluginData(SESSION_START_TAG, sessionStart(values));
  }

  /** How the run ended. TensorBoard keeps the first end it reads, so a run that may go on has none. */
  writeSessionEnd(status: Exclude<RunStatus, 'stopped'>): Promise<void> {
    return this.#writePluginData(SESSION_END_TAG, sessionEnd(status));
  }

  /** Waits for what is under way and closes the file. */
  async close(): Promise<void> {
    await this.#queue.catch(() => undefined);
    await this.#file.close();
  }

  #writeValue(step: number, value: readonly Uint8Array[]): Promise<void> {
    return this.#append([varintField(2, step), bytesField(5, [bytesField(1, value)])]);
  }

  #writeTensor(tag: string, step: number, plugin: string, value: Uint8Array): Promise<void> {
    const metadata = bytesField(1, [bytesField(1, plugin)]);
    return this.#writeValue(step, [bytesField(1, tag), bytesField(8, value), bytesField(9, [metadata])]);
  }

  #writePluginData(tag: string, content: Uint8Array): Promise<void> {
    const metadata = bytesField(1, [bytesField(1, 'hparams'), bytesField(2, content)]);
    // The data are in the metadata; the tensor is there for the form.
    const nothing = tensor(DTYPE.float, [], bytesField(4, new Uint8Array(4)));
    return this.#writeValue(0, [bytesField(1, tag), bytesField(8, nothing), bytesField(9, [metadata])]);
  }

  #append(fields: readonly Uint8Array[]): Promise<void> {
    const record = frame(Buffer.concat([doubleField(1, Date.now() / 1000), ...fields]));
    this.#queue = this.#queue.then(() => writing(this.path, () => this.#file.appendFile(record)));
    return this.#queue;
  }
}

/** TensorProto */
function tensor(dtype: number, shape: readonly number[], content: Uint8Array): Uint8Array {
  const dimensions = shape.map((size) => bytesField(2, [varintField(1, size)]));
  return Buffer.concat([varintField(1, dtype), bytesField(2, dimensions), content]);
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
