import { cast, reshape, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { Constant, integer, scalarOf } from '../backend/constant.ts';
import { bytesField, encodeMessage, messageField } from '../c-api/proto.ts';
import { DataType } from '../c-api/types.ts';
import { executeAll } from '../kernels/operation.ts';
import { nativeBackend } from './backend.ts';

const DEFAULT_QUEUE = 10;
const DEFAULT_FLUSH_IN_MS = 120_000;
const DEFAULT_BUCKETS = 30;

/** Writes TensorBoard's summaries to an event file. */
export class SummaryFileWriter {
  readonly #resource: Tensor;
  readonly #backend: TensorFlowBackend;

  /** @param resource the native writer, kept for as long as the backend */
  constructor(resource: Tensor, backend: TensorFlowBackend) {
    this.#resource = resource;
    this.#backend = backend;
  }

  scalar(name: string, value: Scalar | number, step: number, description?: string): void {
    if (description !== undefined) throw new Error('scalar summaries have no description');
    const number = typeof value === 'number' ? scalarOf(value, 'float32') : value;
    const T = typeof value === 'number' ? 'float32' : value.dtype;
    this.#write('WriteScalarSummary', [stepOf(step), scalarOf(name, 'string'), number], T);
  }

  /** @param buckets number of equal ranges that the values are counted in */
  histogram(name: string, data: Tensor, step: number, buckets = DEFAULT_BUCKETS, description = ''): void {
    if (!Number.isInteger(buckets) || buckets <= 0)
      throw new RangeError(`expected a whole number of buckets above 0, got ${buckets}`);
    const counts = countInBuckets(
      tidy(() => cast(reshape(data, [-1]), 'float32').dataSync<'float32'>()),
      buckets,
    );
    const table = new Constant([counts.length / 3, 3], DataType.float32, counts);
    const inputs = [stepOf(step), table, scalarOf(name, 'string'), scalarOf(histogramMetadata(description), 'string')];
    this.#write('WriteSummary', inputs, 'float32');
  }

  flush(): void {
    executeAll('FlushSummaryWriter', { inputs: [this.#resource] }, 0, this.#backend);
  }

  #write(name: string, inputs: readonly (Constant | Tensor)[], T: 'float32' | Tensor['dtype']): void {
    executeAll(name, { inputs: [this.#resource, ...inputs], types: { T } }, 0, this.#backend);
  }
}

const writers = new WeakMap<TensorFlowBackend, Map<string, SummaryFileWriter>>();

/**
 * The writer of a folder's event file; one for each folder.
 *
 * @param maxQueue number of summaries to hold back before they are written
 * @param flushMillis longest time to hold them back, in milliseconds
 */
export function summaryFileWriter(
  logdir: string,
  maxQueue = DEFAULT_QUEUE,
  flushMillis = DEFAULT_FLUSH_IN_MS,
  filenameSuffix = '.v2',
): SummaryFileWriter {
  if (typeof logdir !== 'string' || logdir === '') throw new TypeError('expected the name of a folder for summaries');
  const backend = nativeBackend();
  const byFolder = writers.get(backend) ?? new Map<string, SummaryFileWriter>();
  writers.set(backend, byFolder);
  let writer = byFolder.get(logdir);
  if (writer === undefined) {
    const attributes = { shared_name: `logdir:${logdir}`, container: '' };
    const [resource] = executeAll('SummaryWriter', { inputs: [], attributes }, 1, backend);
    const name = scalarOf(logdir, 'string');
    const inputs = [resource!, name, integer(maxQueue), integer(flushMillis), scalarOf(filenameSuffix, 'string')];
    executeAll('CreateSummaryFileWriter', { inputs }, 0, backend);
    writer = new SummaryFileWriter(resource!, backend);
    byFolder.set(logdir, writer);
  }
  return writer;
}

function stepOf(step: number): Constant {
  if (!Number.isInteger(step)) throw new RangeError(`expected a whole number as the step, got ${step}`);
  return new Constant([], DataType.int64, [step]);
}

/** `SummaryMetadata` of the histogram plugin (tensorflow/core/framework/summary.proto); its version is 0. */
function histogramMetadata(description: string): Uint8Array {
  const plugin = messageField(1, [bytesField(1, 'histograms'), bytesField(2, new Uint8Array())]);
  return encodeMessage(description === '' ? [plugin] : [plugin, bytesField(3, description)]);
}

/** Rows of left edge, right edge and count [buckets, 3], as TensorBoard's histogram plugin takes them. */
function countInBuckets(values: Float32Array, buckets: number): Float32Array {
  if (values.length === 0) return new Float32Array();
  let minimum = Infinity;
  let maximum = -Infinity;
  for (const value of values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  if (minimum === maximum) return Float32Array.of(minimum - 0.5, minimum + 0.5, values.length);
  const width = (maximum - minimum) / buckets;
  const rows = new Float32Array(3 * buckets);
  for (let bucket = 0; bucket < buckets; bucket++) {
    rows[3 * bucket] = minimum + bucket * width;
    rows[3 * bucket + 1] = bucket === buckets - 1 ? maximum : minimum + (bucket + 1) * width;
  }
  for (const value of values) {
    const bucket = Math.min(buckets - 1, Math.floor((value - minimum) / width));
    rows[3 * bucket + 2]! += 1;
  }
  return rows;
}
