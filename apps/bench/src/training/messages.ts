/**
 * Message of a process that measures one contender to its parent, a line of JSON on its standard output: `first` after
 * the first step, `ready` after those whose losses are compared, then a `timed` for each request.
 */
export type Reply =
  | {
      readonly type: 'first';
      readonly timeInMs: number;
      /** Time of tracing, which is a part of it. */
      readonly traceTimeInMs?: number;
    }
  | {
      readonly type: 'ready';
      /** Version of the library that computes. */
      readonly version: string;
      /** Losses of the first steps. */
      readonly losses: readonly number[];
      /** Engine that a compiled step runs on. */
      readonly engine?: string;
    }
  | { readonly type: 'timed'; readonly timeInMs: number; readonly peakMemoryInBytes: number }
  | { readonly type: 'failed'; readonly message: string };

/** Request to run some steps, a line of JSON on the process's standard input. The process ends with its input. */
export interface Request {
  readonly steps: number;
}

/** Assignment of a process, as JSON in its last argument. */
export interface Assignment {
  readonly step: string;
  /** Mode of the program. */
  readonly mode: string;
  readonly precision: Precision;
  readonly threads: number;
  readonly learningRate: number;
  readonly comparedSteps: number;
  /** The folder with `weights.safetensors` and `batch-0.safetensors`, … */
  readonly folder: string;
}

export type Precision = 'float32' | 'bfloat16';
