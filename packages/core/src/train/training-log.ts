import {
  type Metrics,
  type Progress,
  requireFinite,
  type Split,
  TermSums,
  type TermSumsState,
  type TrainingListener,
} from '@motley/run';
import type * as tf from '@tensorflow/tfjs-core';
import { LossWindow, type WindowEntry } from './loss-window.ts';

/** Where a training stands: updates made, whole epochs, batches of the current one. */
export interface Position {
  step: number;
  epoch: number;
  batch: number;
}

/** Epochs begun. */
export function epochsBegun({ epoch, batch }: Position): number {
  return batch > 0 ? epoch + 1 : epoch;
}

/** Of the whole run. */
export interface Totals {
  readonly steps: number;
  readonly epochs: number;
}

const PROGRESS_EVERY_MS = 250;

/** Reads what steps say of themselves, some steps at a time, and tells the listeners: means, rate, progress. */
export class TrainingLog {
  readonly #listeners: readonly TrainingListener<tf.Tensor>[];
  readonly #position: Position;
  readonly #totals: Totals;
  readonly #secondsBefore: number;
  readonly #window = new LossWindow();
  readonly #startedAt = performance.now();
  #epochSums: TermSums;
  #latest: Metrics = {};
  #stepTimeInMs = 0;
  #examplesTimed = 0;
  #tickedAt = performance.now();
  #progressAt = 0;

  constructor(
    listeners: readonly TrainingListener<tf.Tensor>[],
    position: Position,
    totals: Totals,
    saved: { readonly timeInSeconds: number; readonly epochSums: TermSumsState } = { timeInSeconds: 0, epochSums: {} },
  ) {
    this.#listeners = listeners;
    this.#position = position;
    this.#totals = totals;
    this.#secondsBefore = saved.timeInSeconds;
    this.#epochSums = new TermSums(saved.epochSums);
  }

  get epochSums(): TermSumsState {
    return this.#epochSums.state;
  }

  get timeInSeconds(): number {
    return this.#secondsBefore + (performance.now() - this.#startedAt) / 1000;
  }

  /** Of the steps since the start of this process alone: no validation, no checkpoints. */
  get samplesPerSecond(): number {
    return this.#stepTimeInMs === 0 ? 0 : (this.#examplesTimed * 1000) / this.#stepTimeInMs;
  }

  /** Takes over what updates say of themselves. */
  add(entries: readonly WindowEntry[], examples: number): void {
    for (const entry of entries) this.#window.add(entry);
    this.#examplesTimed += examples;
  }

  /** The time since the last call was training's; with `false` it was not. */
  tick(isTraining = true): void {
    const now = performance.now();
    if (isTraining) this.#stepTimeInMs += now - this.#tickedAt;
    this.#tickedAt = now;
  }

  /**
   * Reads the terms of the steps since the last time, and logs their means.
   * @throws NonFiniteLossError naming the first step and term that is no finite number
   */
  async read(learningRate: number): Promise<void> {
    const read = await this.#window.read();
    if (read.length === 0) return;
    const sums = new TermSums();
    for (const { step, examples, terms } of read) {
      requireFinite(terms, `step ${step}`, step);
      sums.add(terms, examples);
      this.#epochSums.add(terms, examples);
    }
    this.#latest = sums.means;
    await this.metrics('train', { ...this.#latest, learningRate });
  }

  /** Logs the means of the epoch so far, and begins the next. */
  async endEpoch(): Promise<Metrics> {
    const { means } = this.#epochSums;
    this.#epochSums = new TermSums();
    const ofEpoch = Object.entries(means).map(([name, value]) => [`epoch${capitalized(name)}`, value] as const);
    await this.metrics('train', { ...Object.fromEntries(ofEpoch), samplesPerSecond: this.samplesPerSecond });
    return means;
  }

  async metrics(split: Split, metrics: Metrics): Promise<void> {
    const { step } = this.#position;
    const record = { step, epoch: epochsBegun(this.#position), split, timeInSeconds: this.timeInSeconds, metrics };
    for (const listener of this.#listeners) await listener.onMetrics?.(record);
  }

  /** Tells of the progress, several times a second at most. */
  progress(): void {
    const now = performance.now();
    if (now - this.#progressAt < PROGRESS_EVERY_MS) return;
    this.#progressAt = now;
    const progress: Progress = {
      step: this.#position.step,
      steps: this.#totals.steps,
      epoch: epochsBegun(this.#position),
      epochs: this.#totals.epochs,
      samplesPerSecond: this.samplesPerSecond,
      metrics: this.#latest,
    };
    for (const listener of this.#listeners) listener.onProgress?.(progress);
  }

  dispose(): void {
    this.#window.dispose();
  }
}

function capitalized(name: string): string {
  return `${name[0]!.toUpperCase()}${name.slice(1)}`;
}
