import * as tf from '@tensorflow/tfjs-core';
import type { Batch, BatchSource } from '../data/batches.ts';
import type { Module } from '../nn/module.ts';
import type { StateDict } from '../nn/state-dict.ts';
import { completeWasmKernels } from '../nn/wasm-kernels.ts';
import { clipByGlobalNorm } from '../optim/clip-gradients.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import type { Schedule } from '../optim/schedules.ts';
import { RandomStream, type RandomTensors } from '../random/random-stream.ts';
import { StepRandom } from '../random/step-random.ts';
import { yieldToEventLoop } from './event-loop.ts';
import type { Metrics, Split, TrainingListener } from './events.ts';
import { LossWindow } from './loss-window.ts';
import { parseTrainingState, type TrainingState } from './training-state.ts';
import { valueAndGradients, type LossTerms } from './value-and-gradients.ts';

/** What a step may use besides its batch. */
export interface LossContext {
  /** Noise of the training, another at each step. */
  readonly random: RandomTensors;
}

/** What changes from step to step besides the batch: scalars, `step` int32. */
export interface StepInputs extends Readonly<Record<string, tf.Tensor>> {
  readonly learningRate: tf.Tensor;
  readonly step: tf.Tensor;
}

/** One whole update, tensors in and tensors out: what a compiler can trace once and run again. */
export type TrainingStep<Item extends Batch> = (batch: Item, inputs: StepInputs) => LossTerms;

export interface CompiledStep<Item extends Batch> extends TrainingStep<Item> {
  /** What runs it, once it has run. */
  readonly engine?: string | undefined;
  dispose?(): void;
}

/** Compiles a step; `engine` is the one to use, where an earlier part of the training has chosen. */
export type StepCompiler = <Item extends Batch>(
  step: TrainingStep<Item>,
  engine: string | undefined,
) => CompiledStep<Item>;

/** Where to go on from: what `onCheckpoint` was given. */
export interface ResumePoint {
  readonly weights: StateDict;
  readonly optimizer: StateDict;
  readonly state: unknown;
}

export interface FitOptions<Item extends Batch> {
  readonly model: Module;
  readonly optimizer: Optimizer;
  /** Learning rate by step. */
  readonly schedule: Schedule;
  readonly trainingBatches: BatchSource<Item>;
  /** The scalars of one batch: `loss` is minimised, the others are logged beside it. */
  readonly loss: (batch: Item, context: LossContext) => LossTerms;
  /** Figures on held-out data, at each epoch's end; the lowest `loss` is the best checkpoint. */
  readonly validate?: (() => Promise<Metrics>) | undefined;
  readonly epochs: number;
  /** Where given, how many steps instead of how many epochs. */
  readonly steps?: number | null | undefined;
  /** Of the noise; weights and the order of the data have their own. */
  readonly seed: number;
  /** Gradients are scaled down to this norm of them all together. */
  readonly maxGradientNorm?: number | undefined;
  /** Steps between two lines of training metrics, and between two reads from the device. Default 50. */
  readonly logEverySteps?: number | undefined;
  /** Stops the training after saving a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly listeners?: readonly TrainingListener[] | undefined;
  readonly resume?: ResumePoint | undefined;
  /** Compiles the step; without it, it runs as it is. */
  readonly compile?: StepCompiler | undefined;
}

export interface FitResult {
  readonly status: 'completed' | 'stopped';
  /** Steps done in all, those before a resume included. */
  readonly step: number;
  /** Epochs begun. */
  readonly epoch: number;
  /** Of the steps of this call alone: no validation, no checkpoints. */
  readonly samplesPerSecond: number;
  /** What ran the compiled step; undefined where it was not compiled. */
  readonly engine: string | undefined;
  /** What `validate` said last. */
  readonly validation: Metrics | undefined;
}

const YIELD_EVERY_MS = 50;
const PROGRESS_EVERY_MS = 250;

/**
 * Trains a model.
 * @throws NonFiniteLossError naming step and term; StateDictError or UserError where `resume` does not fit.
 */
export async function fit<Item extends Batch>(options: FitOptions<Item>): Promise<FitResult> {
  completeWasmKernels();
  const training = new Training(options);
  try {
    if (options.resume !== undefined) training.resume(options.resume);
    return await training.run();
  } finally {
    training.dispose();
  }
}

class Training<Item extends Batch> {
  readonly #options: FitOptions<Item>;
  readonly #listeners: readonly TrainingListener[];
  readonly #batchesPerEpoch: number;
  readonly #totalSteps: number;
  readonly #window = new LossWindow();
  readonly #startedAt = performance.now();
  #compiled: CompiledStep<Item> | undefined;
  #resumedEngine: string | undefined;
  #step = 0;
  #secondsBefore = 0;
  #bestLoss: number | null = null;
  #epochSums: TrainingState['epochSums'] = { examples: 0, terms: {} };
  #validation: Metrics | undefined;
  #latest: Metrics = {};
  #stepTimeInMs = 0;
  #examplesTimed = 0;
  #yieldedAt = performance.now();
  #progressAt = 0;

  constructor(options: FitOptions<Item>) {
    this.#options = options;
    this.#listeners = options.listeners ?? [];
    this.#batchesPerEpoch = options.trainingBatches.batchesPerEpoch;
    this.#totalSteps = options.steps ?? options.epochs * this.#batchesPerEpoch;
  }

  resume({ weights, optimizer, state }: ResumePoint): void {
    const { step, timeInSeconds, engine, bestLoss, epochSums } = parseTrainingState(state);
    this.#options.model.loadStateDict(weights);
    this.#options.optimizer.loadStateDict(optimizer);
    this.#step = step;
    this.#secondsBefore = timeInSeconds;
    this.#resumedEngine = engine ?? undefined;
    this.#bestLoss = bestLoss;
    this.#epochSums = epochSums;
  }

  async run(): Promise<FitResult> {
    const uncompiled = this.#createStep();
    this.#compiled = this.#options.compile?.(uncompiled, this.#resumedEngine);
    const step = this.#compiled ?? uncompiled;
    while (this.#step < this.#totalSteps && !this.#isAborted) {
      await this.#runEpoch(step);
      if (this.#step % this.#batchesPerEpoch === 0 || this.#step >= this.#totalSteps) await this.#endEpoch();
      else await this.#checkpoint(false);
    }
    return {
      status: this.#step < this.#totalSteps ? 'stopped' : 'completed',
      step: this.#step,
      epoch: this.#epoch,
      samplesPerSecond: this.#samplesPerSecond,
      engine: this.#compiled?.engine,
      validation: this.#validation,
    };
  }

  dispose(): void {
    this.#window.dispose();
    this.#compiled?.dispose?.();
  }

  #createStep(): TrainingStep<Item> {
    const { model, optimizer, loss, maxGradientNorm, seed } = this.#options;
    const parameters = model.namedParameters();
    const noise = RandomStream.fromSeed(seed).fork('training').state.key;
    return (batch, { learningRate, step }) => {
      const context: LossContext = { random: new StepRandom(noise, step) };
      const { terms, gradients } = valueAndGradients(() => loss(batch, context), parameters);
      if (maxGradientNorm === undefined) {
        optimizer.step(gradients, learningRate);
        tf.dispose(gradients);
        return terms;
      }
      const clipped = clipByGlobalNorm(gradients, maxGradientNorm);
      optimizer.step(clipped.gradients, learningRate);
      tf.dispose(clipped.gradients);
      return { ...terms, gradientNorm: clipped.norm };
    };
  }

  /** The rest of the current epoch, or up to the last step or an abort; ends with everything read. */
  async #runEpoch(step: TrainingStep<Item>): Promise<void> {
    const { model, schedule, trainingBatches, logEverySteps = 50 } = this.#options;
    model.train();
    let resumedAt = performance.now();
    const epoch = Math.floor(this.#step / this.#batchesPerEpoch);
    for await (const batch of trainingBatches.batches(epoch, this.#step % this.#batchesPerEpoch)) {
      const examples = Object.values(batch)[0]?.shape[0] ?? 0;
      const inputs = { learningRate: tf.scalar(schedule(this.#step)), step: tf.scalar(this.#step, 'int32') };
      const terms = step(batch, inputs);
      tf.dispose([batch, inputs]);
      this.#step++;
      this.#examplesTimed += examples;
      this.#window.add(this.#step, examples, terms);
      if (this.#step % logEverySteps === 0) await this.#readWindow();
      const now = performance.now();
      this.#stepTimeInMs += now - resumedAt;
      resumedAt = now;
      await this.#breathe(now);
      if (this.#step >= this.#totalSteps || this.#isAborted) break;
    }
    await this.#readWindow();
    this.#stepTimeInMs += performance.now() - resumedAt;
  }

  /** Reads the terms of the steps since the last time, and logs their means. */
  async #readWindow(): Promise<void> {
    const steps = await this.#window.read();
    if (steps.length === 0) return;
    const sums: TrainingState['epochSums'] = { examples: 0, terms: {} };
    for (const { examples, terms } of steps) {
      for (const each of [sums, this.#epochSums]) {
        each.examples += examples;
        for (const [name, value] of Object.entries(terms))
          each.terms[name] = (each.terms[name] ?? 0) + value * examples;
      }
    }
    this.#latest = means(sums);
    await this.#log('train', { ...this.#latest, learningRate: this.#options.schedule(this.#step - 1) });
  }

  async #endEpoch(): Promise<void> {
    const epochMeans = means(this.#epochSums);
    this.#epochSums = { examples: 0, terms: {} };
    const overEpoch = Object.entries(epochMeans).map(
      ([name, value]) => [`epoch${name[0]!.toUpperCase()}${name.slice(1)}`, value] as const,
    );
    await this.#log('train', { ...Object.fromEntries(overEpoch), samplesPerSecond: this.#samplesPerSecond });
    if (this.#options.validate !== undefined) {
      this.#options.model.eval();
      this.#validation = await this.#options.validate();
      await this.#log('validation', this.#validation);
    }
    const loss = (this.#validation ?? epochMeans).loss ?? Infinity;
    const isBest = this.#bestLoss === null || loss < this.#bestLoss;
    if (isBest) this.#bestLoss = loss;
    await this.#checkpoint(isBest);
  }

  async #checkpoint(isBest: boolean): Promise<void> {
    const listeners = this.#listeners.filter((listener) => 'onCheckpoint' in listener);
    if (listeners.length === 0) return;
    const weights = this.#options.model.stateDict();
    const optimizer = this.#options.optimizer.stateDict();
    const state: TrainingState = {
      step: this.#step,
      timeInSeconds: this.#timeInSeconds,
      engine: this.#compiled?.engine ?? null,
      bestLoss: this.#bestLoss,
      epochSums: this.#epochSums,
    };
    try {
      for (const listener of listeners)
        await listener.onCheckpoint?.({ step: this.#step, epoch: this.#epoch, weights, optimizer, state, isBest });
    } finally {
      tf.dispose([weights, optimizer]);
    }
  }

  async #log(split: Split, metrics: Metrics): Promise<void> {
    const record = { step: this.#step, epoch: this.#epoch, split, timeInSeconds: this.#timeInSeconds, metrics };
    for (const listener of this.#listeners) await listener.onMetrics?.(record);
  }

  async #breathe(now: number): Promise<void> {
    if (now - this.#progressAt >= PROGRESS_EVERY_MS) {
      this.#progressAt = now;
      const epochs = Math.ceil(this.#totalSteps / this.#batchesPerEpoch);
      const [step, epoch, samplesPerSecond] = [this.#step, this.#epoch, this.#samplesPerSecond];
      const progress = { step, steps: this.#totalSteps, epoch, epochs, samplesPerSecond, metrics: this.#latest };
      for (const listener of this.#listeners) listener.onProgress?.(progress);
    }
    if (now - this.#yieldedAt < YIELD_EVERY_MS) return;
    await yieldToEventLoop();
    this.#yieldedAt = performance.now();
  }

  /** Epochs begun. */
  get #epoch(): number {
    return Math.ceil(this.#step / this.#batchesPerEpoch);
  }

  get #isAborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  get #timeInSeconds(): number {
    return this.#secondsBefore + (performance.now() - this.#startedAt) / 1000;
  }

  get #samplesPerSecond(): number {
    return this.#stepTimeInMs === 0 ? 0 : (this.#examplesTimed * 1000) / this.#stepTimeInMs;
  }
}

function means({ examples, terms }: TrainingState['epochSums']): Record<string, number> {
  return Object.fromEntries(Object.entries(terms).map(([name, sum]) => [name, sum / examples]));
}
