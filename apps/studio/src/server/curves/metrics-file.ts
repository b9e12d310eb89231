import { MetricColumns } from './columns.ts';
import { LineReader, type Growth, type ReadPosition } from './line-reader.ts';
import { parseMetricLine } from './metric-line.ts';

/** Source of curves that may grow. */
export interface CurveSource {
  readonly columns: MetricColumns;
  /** Faults found so far, in one line each. */
  readonly problems: readonly string[];
  /** Reads what is new. */
  follow(): Promise<Growth>;
}

/** A `metrics.jsonl`, followed by its new bytes alone. */
export class MetricsFile implements CurveSource {
  readonly #reader: LineReader;
  #columns: MetricColumns;
  #damaged = 0;

  constructor(path: string, known?: { readonly position: ReadPosition; readonly columns: MetricColumns }) {
    this.#reader = new LineReader(path, known?.position);
    this.#columns = known?.columns ?? new MetricColumns();
  }

  get columns(): MetricColumns {
    return this.#columns;
  }

  get position(): ReadPosition {
    return this.#reader.position;
  }

  get problems(): readonly string[] {
    const count = this.#damaged + this.#reader.skipped;
    return count === 0 ? [] : [`metrics.jsonl: ${count} damaged ${count === 1 ? 'line' : 'lines'} left out`];
  }

  follow(): Promise<Growth> {
    return this.#reader.read(
      () => {
        this.#columns = new MetricColumns();
        this.#damaged = 0;
      },
      (lines) => {
        for (let start = 0, end = lines.indexOf('\n'); end >= 0; start = end + 1, end = lines.indexOf('\n', start)) {
          const text = lines.slice(start, end);
          const line = parseMetricLine(text);
          if (line !== undefined) this.#columns.add(line);
          else if (text.trim() !== '') this.#damaged++;
        }
      },
    );
  }
}
