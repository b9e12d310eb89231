import type { Schedule } from '../schedules/schedules.ts';
import { batchesOfCalls, type BatchSource } from './batches.ts';
import { BestTracker } from './best-tracker.ts';
import { yieldToEventLoop } from './event-loop.ts';
import type { Metrics, TrainingListener, SavedState } from './events.ts';
import type { Learner } from './learner.ts';
import { requireFinite } from './non-finite-error.ts';
import { planTraining, type PlanSettings, type TrainingPlan } from './plan.ts';
import { TrainingLog } from './training-log.ts';
import { epochsBegun, parseTrainingState, type Position, type TrainingState } from './training-state.ts';

/** Settings of the loop, by the names of a configuration's `training`. */
export interface LoopSettings extends PlanSettings {
  /** Updates between two log lines. Default 50. */
  readonly logEverySteps?: number | undefined;
  /** Updates between two validations; null: at the end of each epoch. */
  readonly validateEverySteps?: number | null | undefined;
  /** Updates between two checkpoints besides those of validations and epochs. */
  readonly checkpointEverySteps?: number | null | undefined;
  /** Batches validated before the first update, so that a fault shows before an epoch is spent. Default 0. */
  readonly sanityBatches?: number | undefined;
  /** Validations without improvement that end the training; null: none does. */
  readonly earlyStoppingPatience?: number | null | undefined;
  /** Least fall of the loss that is an improvement. Default 0. */
  readonly earlyStoppingThreshold?: number | undefined;
}

/** Amount of held-out data that a validation uses. */
export interface EvaluationLimits {
  readonly maxBatches?: number;
}

/** Checkpoint to go on from. */
export interface ResumePoint extends SavedState {
  readonly state: unknown;
  /** Weights of the best checkpoint, to end with where no better come. */
  readonly loadBest?: (() => Promise<Uint8Array>) | undefined;
}

/** Surroundings of a training; the context of the command `train` has them. */
export interface RunContext {
  readonly listeners?: readonly TrainingListener[] | undefined;
  /** Stops the training after it has saved a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly resume?: ResumePoint | undefined;
}

export interface TrainingHooks<Batch> extends RunContext {
  readonly batches: BatchSource<Batch>;
  /** Learning rate by step. */
  readonly schedule: Schedule;
  /**
   * Figures on held-out data; the lowest `loss` makes the best checkpoint. Before the first update it is asked for a few
   * batches alone.
   */
  readonly validate?: ((limits: EvaluationLimits) => Promise<Metrics>) | undefined;
  /** The last figures, of the best weights, once the training is completed. */
  readonly test?: (() => Promise<Metrics>) | undefined;
  /** Called after each call of `update` with the updates made so far. */
  readonly afterUpdate?: ((step: number) => void) | undefined;
}

export interface TrainingResult {
  readonly status: 'completed' | 'stopped';
  /** Updates in all, those before a resume included. */
  readonly steps: number;
  /** Epochs begun. */
  readonly epochs: number;
  /** Number of trained values. */
  readonly parameters: number;
  /** Examples per second of this process's updates: no validation, no checkpoints. */
  readonly samplesPerSecond: number;
  /** Engine of the compiled step; undefined where it was not compiled. */
  readonly engine: string | undefined;
  /** Step whose weights the network has in the end: the best by validation, or the last. */
  readonly bestStep: number;
  /**
   * Last figures of `validate` and `test`, as `validation` and `test`, and those of the best weights as `bestValidation`;
   * without a validation the last epoch's means as `train`.
   */
  readonly metrics: Readonly<Record<string, Metrics>>;
}

const YIELD_EVERY_MS = 50;

/**
 * Trains a network of any kind, from its first update or from a checkpoint, and leaves it with the best weights by
 * validation, or with the last where nothing was validated. A training that was stopped leaves the network as it is.
 * @throws NonFiniteLossError naming step and term; UserError where settings or `resume` do not fit
 */
export async function runTraining<Batch>(
  learner: Learner<Batch>,
  settings: LoopSettings,
  hooks: TrainingHooks<Batch>,
): Promise<TrainingResult> {
  return new Training(learner, settings, hooks).run();
}

/** One training, from its first update or from a checkpoint to its end. */
class Training<Batch> {
  readonly #learner: Learner<Batch>;
  readonly #settings: LoopSettings;
  readonly #hooks: TrainingHooks<Batch>;
  readonly #listeners: readonly TrainingListener[];
  readonly #plan: TrainingPlan;
  readonly #position: Position = { step: 0, epoch: 0, batch: 0 };
  readonly #log: TrainingLog;
  readonly #best: BestTracker;
  #bestWeights: Uint8Array | undefined;
  #metrics: Record<string, Metrics> = {};
  #isStopped = false;
  #yieldedAt = performance.now();

  constructor(learner: Learner<Batch>, settings: LoopSettings, hooks: TrainingHooks<Batch>) {
    const { resume, listeners = [], batches } = hooks;
    const { earlyStoppingPatience: patience = null, earlyStoppingThreshold: threshold = 0 } = settings;
    this.#learner = learner;
    this.#settings = settings;
    this.#hooks = hooks;
    this.#listeners = listeners;
    this.#plan = planTraining(settings, batches);
    const state = resume && parseTrainingState(resume.state);
    this.#log = new TrainingLog(listeners, this.#position, this.#plan, state);
    this.#best = new BestTracker({ patience, threshold }, state?.best);
    if (resume === undefined || state === undefined) return;
    learner.restore(resume);
    hooks.schedule.following?.restore(state.schedule);
    Object.assign(this.#position, { step: state.step, epoch: state.epoch, batch: state.batch });
  }

  async run(): Promise<TrainingResult> {
    if (this.#hooks.resume === undefined) await this.#checkSanity();
    this.#isStopped = this.#hooks.signal?.aborted ?? false;
    while (!this.#isOver && !this.#isStopped) await this.#runEpoch();
    const bestStep = this.#isOver ? await this.#restoreBestWeights() : 0;
    if (this.#isOver && this.#hooks.test !== undefined) await this.#measure('test', this.#hooks.test);
    const best = this.#hooks.validate === undefined ? undefined : this.#best.metrics;
    return {
      status: this.#isOver ? 'completed' : 'stopped',
      steps: this.#position.step,
      epochs: epochsBegun(this.#position),
      parameters: this.#learner.parameterCount(),
      samplesPerSecond: this.#log.samplesPerSecond,
      engine: this.#learner.engine,
      bestStep,
      metrics: { ...this.#metrics, ...(best !== undefined && { bestValidation: best }) },
    };
  }

  /** Validates a few batches before the first update. */
  async #checkSanity(): Promise<void> {
    const { validate } = this.#hooks;
    const { sanityBatches: maxBatches = 0 } = this.#settings;
    if (validate === undefined || maxBatches === 0) return;
    const metrics = await this.#learner.evaluating(() => validate({ maxBatches }));
    requireLoss(metrics, 'validation before the first step');
  }

  /** Trains the rest of the current epoch, or up to the last step or an abort. */
  async #runEpoch(): Promise<void> {
    const position = this.#position;
    const { epoch, batch } = position;
    const { accumulationSteps = 1 } = this.#settings;
    const left = this.#plan.batchesPerEpoch - batch;
    const calls = { accumulationSteps, batches: left, stepsWanted: () => this.#stepsToBoundary };
    this.#log.tick(false);
    for await (const batches of batchesOfCalls(this.#hooks.batches.batches(epoch, batch), calls, this.#learner)) {
      this.#log.count(this.#learner.update(batches, position.step));
      position.step += Math.ceil(batches.length / accumulationSteps);
      position.batch += batches.length;
      await this.#afterCall();
      if (position.batch === 0 || this.#isOver || this.#isStopped) return;
    }
    throw new Error(`batches: expected ${left} of epoch ${epoch} from ${batch} on, got ${position.batch - batch}`);
  }

  /** Updates that may be made at once before something else is due. */
  get #stepsToBoundary(): number {
    const { logEverySteps = 50, validateEverySteps = null, checkpointEverySteps = null } = this.#settings;
    const { step } = this.#position;
    const distances = [logEverySteps, validateEverySteps, checkpointEverySteps].map((every) =>
      every === null ? Infinity : every - (step % every),
    );
    return Math.min(this.#learner.stepsPerCall ?? 1, this.#plan.totalSteps - step, ...distances);
  }

  /** Logs, validates and saves, each where it is due. */
  async #afterCall(): Promise<void> {
    const { logEverySteps = 50, validateEverySteps = null, checkpointEverySteps = null } = this.#settings;
    const position = this.#position;
    const isDue = (everySteps: number | null): boolean => everySteps !== null && position.step % everySteps === 0;
    const endsEpoch = position.batch >= this.#plan.batchesPerEpoch;
    const isLast = position.step >= this.#plan.totalSteps;
    if (endsEpoch) Object.assign(position, { epoch: position.epoch + 1, batch: 0 });
    await this.#breathe();
    const read = () => this.#log.read(this.#learner, this.#hooks.schedule(position.step - 1));
    if (isDue(logEverySteps)) await read();
    this.#isStopped = this.#hooks.signal?.aborted ?? false;
    const validates = isLast || (validateEverySteps === null ? endsEpoch : isDue(validateEverySteps));
    const saves = validates || endsEpoch || isDue(checkpointEverySteps) || this.#isStopped;
    if (saves) await read();
    this.#log.tick();
    const graph = this.#learner.takeGraph?.();
    if (graph !== undefined) for (const listener of this.#listeners) await listener.onGraph?.(graph);
    this.#hooks.afterUpdate?.(position.step);
    if (!saves) return;
    const means = endsEpoch || isLast ? await this.#log.endEpoch() : undefined;
    await this.#learner.evaluating(() => this.#save(validates, means));
    this.#log.tick(false);
  }

  /** Tells of the progress and lets events run: a signal, say, after which the current state is saved. */
  async #breathe(): Promise<void> {
    this.#log.progress();
    if (performance.now() - this.#yieldedAt >= YIELD_EVERY_MS) {
      await yieldToEventLoop();
      this.#yieldedAt = performance.now();
    }
  }

  /** Validates if it is due, and makes a checkpoint. @param means of the epoch, where one ends */
  async #save(validates: boolean, means: Metrics | undefined): Promise<void> {
    const { step } = this.#position;
    const { validate, schedule } = this.#hooks;
    if (means !== undefined && validate === undefined) this.#metrics = { train: means };
    let measured = validate === undefined ? means : undefined;
    if (validate !== undefined && validates) {
      measured = await this.#measure('validation', () => validate({}));
      // A parameter may have gone bad in the last update, whose own loss was good.
      requireLoss(measured, `validation after step ${step}`, step + 1);
    }
    const loss = measured?.loss;
    if (loss !== undefined) schedule.following?.observe(loss);
    const isBest = loss !== undefined && this.#best.observe({ ...measured, loss }, step);
    const state: TrainingState = {
      ...this.#position,
      timeInSeconds: this.#log.timeInSeconds,
      engine: this.#learner.engine ?? null,
      best: this.#best.state,
      epochSums: this.#log.epochSums,
      schedule: schedule.following?.state ?? null,
    };
    const saved = await this.#learner.encode();
    if (isBest) this.#bestWeights = saved.weights;
    const epoch = epochsBegun(this.#position);
    for (const listener of this.#listeners) {
      if (means !== undefined) await listener.onEpochEnd?.({ step, epoch, weights: saved.weights });
      await listener.onCheckpoint?.({ step, epoch, ...saved, state, isBest });
    }
  }

  async #measure(split: 'validation' | 'test', figures: () => Promise<Metrics>): Promise<Metrics> {
    const metrics = await figures();
    this.#metrics[split] = metrics;
    await this.#log.metrics(split, metrics);
    return metrics;
  }

  /** Gives the network its best weights by validation, or leaves it as it is. @returns their step */
  async #restoreBestWeights(): Promise<number> {
    const hasBest = this.#hooks.validate !== undefined && this.#best.state.loss !== null;
    const best = hasBest ? (this.#bestWeights ?? (await this.#hooks.resume?.loadBest?.())) : undefined;
    this.#learner.finish(best);
    return best === undefined ? this.#position.step : this.#best.state.step;
  }

  get #isOver(): boolean {
    return this.#position.step >= this.#plan.totalSteps || this.#best.patienceExhausted;
  }
}

/** @throws NonFiniteLossError where a figure is not finite; Error where there is no loss */
function requireLoss(metrics: Metrics, place: string, step?: number): void {
  if (metrics.loss === undefined) throw new Error(`${place}: expected a figure named "loss", got none`);
  requireFinite(metrics, place, step);
}
