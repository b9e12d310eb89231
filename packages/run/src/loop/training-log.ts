import type { Metrics, Split, TrainingListener } from './events.ts';
import type { Learner } from './learner.ts';
import { requireFinite } from './non-finite-error.ts';
import type { TrainingPlan } from './plan.ts';
import { TermSums, type TermSumsState } from './term-sums.ts';
import { epochsBegun, type Position } from './training-state.ts';

const PROGRESS_EVERY_MS = 250;

/** Reads the terms of several updates at a time, and reports means, learning rate and progress to the listeners. */
export class TrainingLog {
  readonly #listeners: readonly TrainingListener[];
  readonly #position: Position;
  readonly #plan: TrainingPlan;
  readonly #secondsBefore: number;
  readonly #startedAt = performance.now();
  #epochSums: TermSums;
  #latest: Metrics = {};
  #stepTimeInMs = 0;
  #examplesTimed = 0;
  #tickedAt = performance.now();
  #progressAt = 0;

  constructor(
    listeners: readonly TrainingListener[],
    position: Position,
    plan: TrainingPlan,
    saved: { readonly timeInSeconds: number; readonly epochSums: TermSumsState } = { timeInSeconds: 0, epochSums: {} },
  ) {
    this.#listeners = listeners;
    this.#position = position;
    this.#plan = plan;
    this.#secondsBefore = saved.timeInSeconds;
    this.#epochSums = new TermSums(saved.epochSums);
  }

  get epochSums(): TermSumsState {
    return this.#epochSums.state;
  }

  get timeInSeconds(): number {
    return this.#secondsBefore + (performance.now() - this.#startedAt) / 1000;
  }

  /** Examples per second of this process's updates, without validation and checkpoints. */
  get samplesPerSecond(): number {
    return this.#stepTimeInMs === 0 ? 0 : (this.#examplesTimed * 1000) / this.#stepTimeInMs;
  }

  /** Adds examples of updates. */
  count(examples: number): void {
    this.#examplesTimed += examples;
  }

  /** Adds the time since the last call to the training time. With `false` the time is dropped. */
  tick(isTraining = true): void {
    const now = performance.now();
    if (isTraining) this.#stepTimeInMs += now - this.#tickedAt;
    this.#tickedAt = now;
  }

  /**
   * Reads the terms of the updates since the last call, and logs their means.
   * @throws NonFiniteLossError naming the first step and term that is not finite
   */
  async read(learner: Pick<Learner<never>, 'readTerms'>, learningRate: number): Promise<void> {
    const read = await learner.readTerms();
    if (read.length === 0) return;
    const sums = new TermSums();
    for (const { step, weight, terms } of read) {
      requireFinite(terms, `step ${step}`, step);
      sums.add(terms, weight);
      this.#epochSums.add(terms, weight);
    }
    this.#latest = sums.means;
    await this.metrics('train', { ...this.#latest, learningRate });
  }

  /** Logs the means of the epoch so far, and starts the next epoch. */
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

  /** Reports progress, at most four times a second. */
  progress(): void {
    const now = performance.now();
    if (now - this.#progressAt < PROGRESS_EVERY_MS) return;
    this.#progressAt = now;
    const progress = {
      step: this.#position.step,
      steps: this.#plan.totalSteps,
      epoch: epochsBegun(this.#position),
      epochs: this.#plan.totalEpochs,
      samplesPerSecond: this.samplesPerSecond,
      metrics: this.#latest,
    };
    for (const listener of this.#listeners) listener.onProgress?.(progress);
  }
}

function capitalized(name: string): string {
  return `${name[0]!.toUpperCase()}${name.slice(1)}`;
}
