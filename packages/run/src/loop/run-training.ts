import type { Schedule } from '../schedules/schedules.ts';
import { smallest } from '../statistics/extremes.ts';
import { batchesOfCalls, type BatchSource } from './batches.ts';
import { BestTracker } from './best-tracker.ts';
import { yieldToEventLoop } from './event-loop.ts';
import type { Metrics, TrainingListener, SavedState } from './events.ts';
import type { Learner } from './learner.ts';
import { requireFinite } from './non-finite-error.ts';
import { planTraining, type PlanSettings, type TrainingPlan } from './plan.ts';
import { TrainingLog } from './training-log.ts';
import { epochsBegun, parseTrainingState, type Position, type TrainingState } from './training-state.ts';

/** Settings of the loop. Names match the `training` section of a configuration. */
export interface LoopSettings extends PlanSettings {
  /** Updates between two log lines. Default 50. */
  readonly logEverySteps?: number | undefined;
  /** Updates between two validations. Null: at the end of each epoch. */
  readonly validateEverySteps?: number | null | undefined;
  /** Updates between two checkpoints, besides those at validations and epoch ends. Null: none. */
  readonly checkpointEverySteps?: number | null | undefined;
  /** Batches validated before the first update, so that errors show before an epoch has passed. Default 0. */
  readonly sanityBatches?: number | undefined;
  /** Validations without improvement that end the training. Null: never. */
  readonly earlyStoppingPatience?: number | null | undefined;
  /** Minimum decrease of the loss that the patience counts as an improvement. Default 0. */
  readonly earlyStoppingThreshold?: number | undefined;
}

/** Limits on the held-out data used by a validation. */
export interface EvaluationLimits {
  readonly maxBatches?: number;
}

/** Checkpoint to resume from. */
export interface ResumePoint extends SavedState {
  readonly state: unknown;
  /** Loads the weights of the best checkpoint. Training ends with them where no later validation is better. */
  readonly loadBest?: (() => Promise<Uint8Array>) | undefined;
}

/** Run context of a training. The context of the command `train` provides it. */
export interface RunContext {
  readonly listeners?: readonly TrainingListener[] | undefined;
  /** Stops the training after saving a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly resume?: ResumePoint | undefined;
}

export interface TrainingHooks<Batch> extends RunContext {
  readonly batches: BatchSource<Batch>;
  /** Learning rate by step. */
  readonly schedule: Schedule;
  /**
   * Metrics on held-out data. The lowest `loss` makes the best checkpoint. Before the first update it is called with a
   * limit of a few batches.
   */
  readonly validate?: ((limits: EvaluationLimits) => Promise<Metrics>) | undefined;
  /** Whether the initial weights, validated before the first update, may be the best: for a start that was fitted. */
  readonly startIsCandidate?: boolean | undefined;
  /** Final metrics of the best weights, measured once the training has completed. */
  readonly test?: (() => Promise<Metrics>) | undefined;
  /** Called after each call of `update` with the number of updates made so far. */
  readonly afterUpdate?: ((step: number) => void) | undefined;
}

export interface TrainingResult {
  readonly status: 'completed' | 'stopped';
  /** Total number of updates, including those before a resume. */
  readonly steps: number;
  /** Number of epochs begun. */
  readonly epochs: number;
  /** Number of trained parameters. */
  readonly parameters: number;
  /** Training throughput of this process, in examples per second, without validation and checkpoints. */
  readonly samplesPerSecond: number;
  /** Engine of the compiled step. Undefined where the step was not compiled. */
  readonly engine: string | undefined;
  /** Step of the final weights: the best by validation, or the last. */
  readonly bestStep: number;
  /**
   * Metrics by split: the last of `validate` and `test` as `validation` and `test`, those of the best weights as
   * `bestValidation`. Without a validation, the last epoch's means as `train`.
   */
  readonly metrics: Readonly<Record<string, Metrics>>;
}

const YIELD_EVERY_MS = 50;

/**
 * Trains a network from its first update or from a checkpoint. Ends with the best weights by validation, or with the
 * last where nothing was validated. An interrupted training keeps its current weights.
 * @throws NonFiniteLossError naming step and term; UserError where settings or `resume` do not fit
 */
export async function runTraining<Batch>(
  learner: Learner<Batch>,
  settings: LoopSettings,
  hooks: TrainingHooks<Batch>,
): Promise<TrainingResult> {
  return new Training(learner, settings, hooks).run();
}

/** One training, from its first update or a checkpoint to its end. */
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
    if (this.#hooks.resume === undefined && this.#hooks.startIsCandidate === true && !this.#isStopped)
      await this.#learner.evaluating(() => this.#save(true, undefined));
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

  /** Updates until something else is due. */
  get #stepsToBoundary(): number {
    const { logEverySteps = 50, validateEverySteps = null, checkpointEverySteps = null } = this.#settings;
    const { step } = this.#position;
    const distances = [logEverySteps, validateEverySteps, checkpointEverySteps].map((every) =>
      every === null ? Infinity : every - (step % every),
    );
    return Math.min(this.#learner.stepsPerCall ?? 1, this.#plan.totalSteps - step, smallest(distances));
  }

  /** Logs, validates and saves where due. */
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

  /** Reports progress and lets pending events run. A signal then saves the current state. */
  async #breathe(): Promise<void> {
    this.#log.progress();
    if (performance.now() - this.#yieldedAt >= YIELD_EVERY_MS) {
      await yieldToEventLoop();
      this.#yieldedAt = performance.now();
    }
  }

  /** Validates if due, and saves a checkpoint. @param means metrics of the epoch, where one ends */
  async #save(validates: boolean, means: Metrics | undefined): Promise<void> {
    const { step } = this.#position;
    const { validate, schedule } = this.#hooks;
    if (means !== undefined && validate === undefined) this.#metrics = { train: means };
    let measured = validate === undefined ? means : undefined;
    if (validate !== undefined && validates) {
      measured = await this.#measure('validation', () => validate({}));
      // The last update may have spoiled a parameter although its own loss was finite.
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

  /** Loads the best weights by validation, if any. @returns their step */
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

/** @throws NonFiniteLossError where a metric is not finite; Error where `loss` is missing */
function requireLoss(metrics: Metrics, place: string, step?: number): void {
  if (metrics.loss === undefined) throw new Error(`${place}: expected a figure named "loss", got none`);
  requireFinite(metrics, place, step);
}
