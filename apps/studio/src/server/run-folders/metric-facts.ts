import type { MetricColumns, MetricLine } from '../curves/columns.ts';
import { openRegular } from '../curves/line-reader.ts';
import { parseMetricLine } from '../curves/metric-line.ts';
import { readSmall } from '../files/read-small.ts';

const SPARK_POINTS = 40;
const MAX_METRICS = 200;
/** Bytes at the end of a log that tell the last values. */
const TAIL_BYTES = 2 ** 15;
const CHUNK_BYTES = 2 ** 20;

/** Part of a metrics log that a row shows. */
export interface MetricFacts {
  readonly step: number | null;
  readonly timeInSeconds: number | null;
  /** Last value by `split/metric`; null for NaN and infinities. */
  readonly last: Readonly<Record<string, number | null>>;
  readonly objective: string | null;
  readonly best: number | null;
  readonly spark: readonly (number | null)[];
  /** Whether the whole log was read, not its end alone. */
  readonly isWhole: boolean;
}

export const noMetrics: MetricFacts = {
  step: null,
  timeInSeconds: null,
  last: {},
  objective: null,
  best: null,
  spark: [],
  isWhole: true,
};

/** Curve that the best checkpoint is chosen by: the objective of every training is `loss`. */
const OBJECTIVES = ['validation/loss', 'train/loss', 'loss'];

/** Reads the end of a log, or all of a short one. */
export function readTail(path: string): MetricFacts {
  const bytes = readSmall(path, TAIL_BYTES, true);
  if (bytes === undefined || bytes === 'large') return noMetrics;
  const isWhole = bytes.length < TAIL_BYTES;
  const start = isWhole ? 0 : bytes.indexOf(10) + 1;
  const gathered = new Gathered();
  gathered.addLines(bytes.toString('utf8', start, bytes.lastIndexOf(10) + 1));
  return gathered.facts(isWhole);
}

/**
 * Reads all of a log's objective without parsing the other lines: those of a validation are found by their bytes. Of a
 * log without any, the lines of the training are sampled.
 * @param pause called between parts
 */
export async function readWhole(path: string, pause: () => Promise<void>): Promise<MetricFacts> {
  const file = await openRegular(path);
  if (file === undefined) return noMetrics;
  const gathered = new Gathered();
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let offset = 0;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, offset);
      const end = bytesRead === 0 ? 0 : chunk.lastIndexOf(10, bytesRead - 1) + 1;
      // A line of more than a chunk is passed over, and so is a torn one at the end.
      if (end === 0 && bytesRead < CHUNK_BYTES) break;
      gathered.addChunk(chunk.subarray(0, end));
      offset += end === 0 ? bytesRead : end;
      await pause();
    }
  } finally {
    await file.close();
  }
  const tail = readSmall(path, TAIL_BYTES, true);
  if (tail instanceof Buffer) gathered.addLast(tail.toString('utf8', tail.indexOf(10) + 1, tail.lastIndexOf(10) + 1));
  return gathered.facts(true);
}

/** Facts of a log in memory. */
export function factsOfColumns(columns: MetricColumns): MetricFacts {
  const last: Record<string, number | null> = {};
  let count = 0;
  for (const { name, values } of columns.curves.values())
    if (count++ < MAX_METRICS) set(last, name, values.view[values.length - 1]!);
  const objective = OBJECTIVES.find((name) => columns.curves.has(name)) ?? null;
  const values = objective === null ? new Float64Array() : columns.curves.get(objective)!.values.view;
  const lines = columns.steps.length;
  return {
    step: lines === 0 ? null : columns.steps.view[lines - 1]!,
    timeInSeconds: lines === 0 ? null : numberOrNull(columns.times.view[lines - 1]!),
    last,
    objective,
    best: lowest(values),
    spark: sparkOf(values),
    isWhole: true,
  };
}

const VALIDATION = Buffer.from('"validation"');
const LOSS = Buffer.from('"loss":');
const COMMA = 0x2c;
const BRACE = 0x7d;
/** Lines of a training that are read of each chunk, where there is no validation. */
const SAMPLES_A_CHUNK = 64;

/** Collects facts line by line. */
class Gathered {
  readonly #last = new Map<string, number>();
  readonly #objectives = new Map<string, number[]>(OBJECTIVES.map((name) => [name, []]));
  #step: number | null = null;
  #time: number | null = null;
  #lastValidation = '';

  addLines(text: string): void {
    for (let start = 0, end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start)) {
      const line = parseMetricLine(text.slice(start, end));
      if (line !== undefined) this.#add(line, true);
    }
  }

  /** Adds last values alone, of lines whose objective is counted already. */
  addLast(text: string): void {
    for (const part of `${this.#lastValidation}\n${text}`.split('\n')) {
      const line = parseMetricLine(part);
      if (line !== undefined) this.#add(line, false);
    }
  }

  /** Adds the losses of a chunk's validations, or where there are none, some of its lines. */
  addChunk(chunk: Buffer): void {
    const losses = this.#objectives.get('validation/loss')!;
    const hasValidations = losses.length > 0;
    let found = -1;
    for (let at = chunk.indexOf(VALIDATION); at >= 0;) {
      const end = chunk.indexOf(10, at);
      const start = chunk.indexOf(LOSS, at);
      if (start >= 0 && start < end) losses.push(numberAt(chunk, start + LOSS.length));
      found = at;
      at = chunk.indexOf(VALIDATION, end);
    }
    if (found >= 0) {
      const start = chunk.lastIndexOf(10, found) + 1;
      this.#lastValidation = chunk.toString('utf8', start, chunk.indexOf(10, found) + 1);
    }
    if (found >= 0 || hasValidations) return;
    for (let sample = 0, at = 0; sample < SAMPLES_A_CHUNK && at < chunk.length; sample++) {
      const end = chunk.indexOf(10, at);
      if (end < 0) return;
      this.addLines(chunk.toString('utf8', at, end + 1));
      const next = chunk.indexOf(10, Math.max(end, Math.floor((chunk.length * (sample + 1)) / SAMPLES_A_CHUNK)));
      if (next < 0) return;
      at = next + 1;
    }
  }

  #add({ step, time, split, metrics }: MetricLine, isCounted: boolean): void {
    this.#step = step;
    this.#time = numberOrNull(time);
    for (const [metric, value] of metrics) {
      const name = split === '' ? metric : `${split}/${metric}`;
      if (this.#last.size < MAX_METRICS || this.#last.has(name)) this.#last.set(name, value);
      if (isCounted) this.#objectives.get(name)?.push(value);
    }
  }

  facts(isWhole: boolean): MetricFacts {
    const last: Record<string, number | null> = {};
    for (const [name, value] of this.#last) set(last, name, value);
    const [objective, values] = [...this.#objectives].find(([, each]) => each.length > 0) ?? [null, []];
    return {
      step: this.#step,
      timeInSeconds: this.#time,
      last,
      objective,
      best: lowest(values),
      spark: sparkOf(values),
      isWhole,
    };
  }
}

/** Number at a place of a line, up to the comma or brace after it. NaN where it is none. */
function numberAt(bytes: Buffer, start: number): number {
  let end = start;
  while (end < start + 32 && bytes[end] !== COMMA && bytes[end] !== BRACE) end++;
  const text = bytes.toString('latin1', start, end);
  // Null stands for NaN.
  return text === 'null' ? NaN : Number(text);
}

/** Values of a small curve at equal distances, the first and the last among them. */
function sparkOf(values: ArrayLike<number>): (number | null)[] {
  const count = Math.min(values.length, SPARK_POINTS);
  return Array.from({ length: count }, (_, index) => {
    const value = values[count === 1 ? 0 : Math.round((index * (values.length - 1)) / (count - 1))]!;
    return Number.isFinite(value) ? Number(value.toPrecision(5)) : null;
  });
}

function lowest(values: Iterable<number>): number | null {
  let best = Infinity;
  for (const value of values) if (value < best) best = value;
  return Number.isFinite(best) ? best : null;
}

function set(record: Record<string, number | null>, name: string, value: number): void {
  Object.defineProperty(record, name, {
    value: numberOrNull(value),
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
