import type { StoredValue } from '../checkpoint/stored-values.ts';

/** Which part of the data a figure was measured on. */
export type Split = 'train' | 'validation' | 'test';

/** Named figures of one measurement; the objective is always `loss`. */
export type Metrics = Readonly<Record<string, number>>;

/** One line of `metrics.jsonl`. */
export interface MetricRecord {
  readonly step: number;
  readonly epoch: number;
  readonly split: Split;
  readonly timeInSeconds: number;
  readonly metrics: Metrics;
}

/** Where a training stands, several times a second at most. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly samplesPerSecond: number;
  readonly metrics: Metrics;
}

/**
 * Everything needed to go on from a step: weights by PyTorch's names, and the rest as JSON and tensors, or whatever else
 * holds the numbers.
 */
export interface Checkpoint<Value = StoredValue> {
  readonly step: number;
  readonly epoch: number;
  /** Model parameters and buffers in PyTorch's names and layouts. Owned by the trainer: read, do not keep. */
  readonly weights: Readonly<Record<string, Value>>;
  /**
   * Optimiser slots, by dotted names (`exp_avg.encoder.0.weight`); where `weights` are moving averages, the trained ones
   * too (`parameter.encoder.0.weight`). Owned by the trainer.
   */
  readonly optimizer: Readonly<Record<string, Value>>;
  /** Schedule, random state, position in the data: JSON values only. */
  readonly state: unknown;
  /** True where this is the best validation loss so far. */
  readonly isBest: boolean;
}

/** The end of an epoch, or of the training. */
export type EpochEnd<Value = StoredValue> = Pick<Checkpoint<Value>, 'step' | 'epoch' | 'weights'>;

/** What the outside (run folder, progress bar, loggers, a web page) hears of a training. */
export interface TrainingListener<Value = StoredValue> {
  onMetrics?(record: MetricRecord): void | Promise<void>;
  onProgress?(progress: Progress): void;
  onCheckpoint?(checkpoint: Checkpoint<Value>): Promise<void>;
  onEpochEnd?(end: EpochEnd<Value>): void | Promise<void>;
  /** Once, where the step is compiled: its graph, a serialised `GraphDef` of TensorFlow's. */
  onGraph?(graphDef: Uint8Array): void | Promise<void>;
}
