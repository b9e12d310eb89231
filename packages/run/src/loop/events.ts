/** Part of the data that a figure was measured on. */
export type Split = 'train' | 'validation' | 'test';

/** Metrics of one measurement by name. The objective is always `loss`. */
export type Metrics = Readonly<Record<string, number>>;

/** One line of `metrics.jsonl`. */
export interface MetricRecord {
  readonly step: number;
  readonly epoch: number;
  readonly split: Split;
  readonly timeInSeconds: number;
  readonly metrics: Metrics;
}

/** Progress of a training, reported a few times a second at most. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly samplesPerSecond: number;
  readonly metrics: Metrics;
}

/** A network and its optimizer as the bytes of two safetensors files. */
export interface SavedState {
  /** Parameters and buffers, as they are evaluated: averages where the weights are averaged. */
  readonly weights: Uint8Array;
  /** Optimizer slots, and the trained weights where `weights` are averages. */
  readonly optimizer: Uint8Array;
}

/** Everything needed to go on from a step. */
export interface Checkpoint extends SavedState {
  readonly step: number;
  readonly epoch: number;
  /** Schedule, position in the data and best loss so far, as JSON values. */
  readonly state: unknown;
  /** True where this is the lowest validation loss so far. */
  readonly isBest: boolean;
}

/** End of an epoch or of the training. */
export type EpochEnd = Pick<Checkpoint, 'step' | 'epoch' | 'weights'>;

/** Listener of a training: run folder, progress bar, logger or web page. */
export interface TrainingListener {
  onMetrics?(record: MetricRecord): void | Promise<void>;
  onProgress?(progress: Progress): void;
  onCheckpoint?(checkpoint: Checkpoint): Promise<void>;
  onEpochEnd?(end: EpochEnd): void | Promise<void>;
  /** Called once where the step is compiled, with its graph as a serialized TensorFlow `GraphDef`. */
  onGraph?(graphDef: Uint8Array): void | Promise<void>;
}
