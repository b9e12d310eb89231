import {
  BestTracker,
  type Metrics,
  NonFiniteLossError,
  requireFinite,
  type Schedule,
  type TrainingListener,
  UserError,
  yieldToEventLoop,
} from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, BatchSource } from '../data/batches.ts';
import type { StateDict } from '../nn/state-dict.ts';
import { createOptimizer, createSchedule } from '../optim/create.ts';
import { Optimizer } from '../optim/optimizer.ts';
import { FirstBatchAgain, groupBatches } from './batch-groups.ts';
import { checkedUpdate } from './checked-update.ts';
import type { FitOptions, FitResult } from './fit.ts';
import { LeakGuard } from './leak-guard.ts';
import { takeSnapshot, withTensors, type Snapshot } from './snapshot.ts';
import { createStepParts, type StepParts } from './step.ts';
import type { TrainingSettings } from './training-fields.ts';
import { epochsBegun, TrainingLog, type Position, type Totals } from './training-log.ts';
import { parseTrainingState, type TrainingState } from './training-state.ts';
import { examplesOf, Updater } from './updater.ts';
import { WeightAverage } from './weight-average.ts';

const YIELD_EVERY_MS = 50;
/** Where the weights are averages, what is trained is beside the slots under this prefix. */
const TRAINED_WEIGHTS = 'parameter.';

/** One training, from its first step or from a checkpoint to its end. `fit` runs it. */
export class Training<Item extends Batch> {
  readonly #options: FitOptions<Item>;
  readonly #settings: TrainingSettings;
  readonly #listeners: readonly TrainingListener<tf.Tensor>[];
  readonly #batches: BatchSource<Item>;
  readonly #batchesPerEpoch: number;
  readonly #totals: Totals;
  readonly #optimizer: Optimizer;
  readonly #schedule: Schedule;
  readonly #average: WeightAverage | undefined;
  readonly #parts: StepParts<Item>;
  readonly #position: Position = { step: 0, epoch: 0, batch: 0 };
  readonly #updater: Updater<Item>;
  readonly #log: TrainingLog;
  readonly #best: BestTracker;
  readonly #leaks: LeakGuard;
  #isStopped = false;
  #graph: Uint8Array | undefined;
  /** What `#explain` goes back to. */
  #snapshot: Snapshot | undefined;
  #bestWeights: Uint8Array | undefined;
  #metrics: Record<string, Metrics> = {};
  #yieldedAt = performance.now();

  /** @throws UserError where settings or `resume` do not fit */
  constructor(options: FitOptions<Item>, settings: TrainingSettings) {
    const { model, trainingBatches, loss, seed, resume, compile, optimizer, schedule, listeners = [] } = options;
    const state = resume && parseTrainingState(resume.state);
    this.#options = options;
    this.#settings = settings;
    this.#listeners = listeners;
    this.#batches = settings.overfitOneBatch ? new FirstBatchAgain(trainingBatches) : trainingBatches;
    const { accumulationSteps, stepsPerEpoch, steps, epochs, emaDecay } = settings;
    const all = this.#batches.batchesPerEpoch;
    this.#batchesPerEpoch = stepsPerEpoch === null ? all : stepsPerEpoch * accumulationSteps;
    if (this.#batchesPerEpoch > all)
      throw new UserError(
        `training.stepsPerEpoch: expected at most the ${Math.floor(all / accumulationSteps)} of the data, got ${stepsPerEpoch!}`,
      );
    if (accumulationSteps > 1 && settings.stepsPerCall > 1)
      throw new UserError(
        `training.stepsPerCall: expected 1 with accumulationSteps ${accumulationSteps}, got ${settings.stepsPerCall}`,
      );
    const stepsOfEpoch = Math.ceil(this.#batchesPerEpoch / accumulationSteps);
    const totalSteps = steps ?? epochs * stepsOfEpoch;
    this.#totals = { steps: totalSteps, epochs: Math.ceil(totalSteps / stepsOfEpoch) };
    this.#schedule = typeof schedule === 'function' ? schedule : createSchedule(settings, totalSteps);
    const parameters = model.namedParameters();
    this.#optimizer =
      optimizer instanceof Optimizer ? optimizer : createOptimizer(settings, parameters, options.parameterGroups);
    this.#average = emaDecay === null ? undefined : new WeightAverage(parameters, emaDecay);
    this.#log = new TrainingLog(listeners, this.#position, this.#totals, state);
    const { earlyStoppingPatience: patience, earlyStoppingThreshold: threshold } = settings;
    this.#best = new BestTracker({ patience, threshold }, state?.best);
    const average = this.#average;
    const { maxGradientNorm, maxGradientValue, stepsPerCall } = settings;
    const limits = { maxGradientNorm, maxGradientValue };
    this.#parts = createStepParts({ model, optimizer: this.#optimizer, loss, seed, average, ...limits });
    const wantsGraph = resume === undefined && listeners.some((listener) => 'onGraph' in listener);
    this.#updater = new Updater({
      parts: this.#parts,
      parameters,
      schedule: this.#schedule,
      average,
      accumulationSteps,
      stepsPerCall,
      compile,
      engine: state?.engine ?? undefined,
      onGraph: wantsGraph ? (graph) => (this.#graph = graph) : undefined,
    });
    this.#leaks = new LeakGuard(state?.step ?? 0);
  }

  async run(): Promise<FitResult> {
    const { test, signal, model, resume } = this.#options;
    let bestStep = 0;
    try {
      if (resume === undefined) await this.#checkSanity();
      else this.#restore(resume.weights, resume.optimizer, parseTrainingState(resume.state));
      await this.#withAverages((trained) => this.#capture(trained, false, () => Promise.resolve()));
      this.#isStopped = signal?.aborted ?? false;
      while (!this.#isOver && !this.#isStopped) await this.#runEpoch();
      if (this.#isOver) bestStep = await this.#adoptBest();
    } catch (error) {
      throw error instanceof NonFiniteLossError ? await this.#explain(error) : error;
    }
    model.eval();
    const status = this.#isOver ? 'completed' : 'stopped';
    const tests = status === 'completed' && test !== undefined && !this.#settings.overfitOneBatch;
    if (tests) await this.#measure('test', test);
    const best = this.#validate === undefined ? undefined : this.#best.metrics;
    return {
      status,
      steps: this.#position.step,
      epochs: epochsBegun(this.#position),
      parameters: model.parameterCount(),
      samplesPerSecond: this.#log.samplesPerSecond,
      engine: this.#updater.engine,
      bestStep,
      metrics: { ...this.#metrics, ...(best !== undefined && { bestValidation: best }) },
    };
  }

  dispose(): void {
    this.#log.dispose();
    this.#updater.dispose();
    this.#average?.dispose();
    this.#leaks.dispose();
    if (this.#optimizer !== this.#options.optimizer) this.#optimizer.dispose();
  }

  /** A few batches of validation, so that what is wrong with it shows now and not after an epoch. */
  async #checkSanity(): Promise<void> {
    const { sanityBatches: maxBatches } = this.#settings;
    if (this.#validate === undefined || maxBatches === 0) return;
    this.#options.model.eval();
    checkValidation(await this.#validate({ maxBatches }), 'validation before the first step');
  }

  /** The rest of the current epoch, or up to the last step or an abort. */
  async #runEpoch(): Promise<void> {
    const { epoch, batch } = this.#position;
    this.#options.model.train();
    this.#log.tick(false);
    for await (const groups of this.#groups(() => this.#stepsToBoundary)) {
      const batches = groups.flat();
      const examples = batches.reduce((sum, each) => sum + examplesOf(each), 0);
      this.#log.add(this.#updater.run(groups, this.#position.step), examples);
      this.#position.step += groups.length;
      this.#position.batch += batches.length;
      await this.#afterCall();
      if (this.#position.batch === 0 || this.#isOver || this.#isStopped) return;
    }
    const found = this.#position.batch - batch;
    throw new Error(
      `batches: expected ${this.#batchesPerEpoch - batch} of epoch ${epoch} from ${batch} on, got ${found}`,
    );
  }

  #groups(groupsWanted: () => number): AsyncGenerator<Item[][]> {
    const { epoch, batch } = this.#position;
    return groupBatches(this.#batches.batches(epoch, batch), {
      accumulationSteps: this.#settings.accumulationSteps,
      batches: this.#batchesPerEpoch - batch,
      groupsWanted,
    });
  }

  /** How many updates may be made at once before there is something else to do. */
  get #stepsToBoundary(): number {
    const { logEverySteps, validateEverySteps, checkpointEverySteps } = this.#settings;
    const { step } = this.#position;
    const distances = [logEverySteps, validateEverySteps, checkpointEverySteps].map((every) =>
      every === null ? Infinity : every - (step % every),
    );
    return Math.min(this.#updater.stepsPerCall, this.#totals.steps - step, ...distances);
  }

  /** Logs, validates and saves, each where it is time for it. */
  async #afterCall(): Promise<void> {
    const { logEverySteps, validateEverySteps, checkpointEverySteps } = this.#settings;
    const position = this.#position;
    const isDue = (everySteps: number | null): boolean => everySteps !== null && position.step % everySteps === 0;
    const endsEpoch = position.batch >= this.#batchesPerEpoch;
    const isLast = position.step >= this.#totals.steps;
    if (endsEpoch) Object.assign(position, { epoch: position.epoch + 1, batch: 0 });
    await this.#breathe();
    const validates = isLast || (validateEverySteps === null ? endsEpoch : isDue(validateEverySteps));
    const saves = validates || endsEpoch || isDue(checkpointEverySteps) || this.#isStopped;
    if (saves || isDue(logEverySteps)) {
      await this.#log.read(this.#schedule(position.step - 1));
      this.#leaks.check(position.step);
    }
    this.#log.tick();
    if (this.#graph !== undefined) {
      for (const listener of this.#listeners) await listener.onGraph?.(this.#graph);
      this.#graph = undefined;
    }
    if (!saves) return;
    const trained = endsEpoch || isLast ? await this.#log.endEpoch() : undefined;
    await this.#withAverages((weights) => this.#save(weights, validates, trained));
    this.#options.model.train();
    this.#log.tick(false);
  }

  /** Lets events run and tells of the progress; takes note of an abort, after which the current state is saved. */
  async #breathe(): Promise<void> {
    this.#log.progress();
    if (performance.now() - this.#yieldedAt >= YIELD_EVERY_MS) {
      await yieldToEventLoop();
      this.#yieldedAt = performance.now();
    }
    this.#isStopped = this.#options.signal?.aborted ?? false;
  }

  /** Validates if it is time to, and makes a checkpoint. @param trained the epoch's means, where one ends */
  async #save(trainedWeights: StateDict, validates: boolean, trained: Metrics | undefined): Promise<void> {
    const { step } = this.#position;
    const validate = this.#validate;
    if (trained !== undefined && validate === undefined) this.#metrics = { train: trained };
    let measured = validate === undefined ? trained : undefined;
    if (validate !== undefined && validates) {
      measured = await this.#measure('validation', () => validate({}));
      // A parameter may have gone bad in the last update, whose own loss was good.
      checkValidation(measured, `validation after step ${step}`, step + 1);
    }
    if (measured?.loss !== undefined) this.#schedule.following?.observe(measured.loss);
    const { loss } = measured ?? {};
    const isBest = loss !== undefined && this.#best.observe({ ...measured, loss }, step);
    await this.#capture(trainedWeights, isBest, async (weights, optimizer, state) => {
      const epoch = epochsBegun(this.#position);
      for (const listener of this.#listeners) {
        if (trained !== undefined) await listener.onEpochEnd?.({ step, epoch, weights });
        await listener.onCheckpoint?.({ step, epoch, weights, optimizer, state, isBest });
      }
    });
  }

  /** Runs what is to see the averaged weights, where there are any, and gives it those that are trained. */
  #withAverages(run: (trainedWeights: StateDict) => Promise<void>): Promise<void> {
    return this.#average === undefined ? run({}) : this.#average.inPlace(run);
  }

  async #measure(split: 'validation' | 'test', figures: () => Promise<Metrics>): Promise<Metrics> {
    this.#options.model.eval();
    const metrics = await figures();
    this.#metrics[split] = metrics;
    await this.#log.metrics(split, metrics);
    return metrics;
  }

  /** Keeps what can be gone back to, and gives `use` what a checkpoint holds. */
  async #capture(
    trainedWeights: StateDict,
    isBest: boolean,
    use: (weights: StateDict, optimizer: StateDict, state: TrainingState) => Promise<void>,
  ): Promise<void> {
    const state: TrainingState = {
      ...this.#position,
      timeInSeconds: this.#log.timeInSeconds,
      engine: this.#updater.engine ?? null,
      best: this.#best.state,
      epochSums: this.#log.epochSums,
      schedule: this.#schedule.following?.state ?? null,
    };
    const weights = this.#options.model.stateDict();
    const slots = this.#optimizer.stateDict();
    const optimizer = { ...slots, ...trainedWeights };
    try {
      this.#snapshot = await takeSnapshot(weights, optimizer, state);
      if (isBest) this.#bestWeights = this.#snapshot.weights;
      await use(weights, optimizer, state);
    } finally {
      tf.dispose([weights, slots]);
    }
  }

  /** @throws UserError where they are not this training's */
  #restore(weights: StateDict, optimizer: StateDict, state: TrainingState): void {
    const isTrained = ([name]: [string, unknown]): boolean => name.startsWith(TRAINED_WEIGHTS);
    const entries = Object.entries(optimizer);
    const slots = this.#average === undefined ? entries : entries.filter((entry) => !isTrained(entry));
    this.#options.model.loadStateDict(weights);
    this.#optimizer.loadStateDict(Object.fromEntries(slots));
    this.#average?.restore(Object.fromEntries(entries.filter(isTrained)));
    this.#schedule.following?.restore(state.schedule);
    const { step, epoch, batch } = state;
    Object.assign(this.#position, { step, epoch, batch });
  }

  /** Gives the model its best weights by validation, or averages, or leaves it as it is; returns their step. */
  async #adoptBest(): Promise<number> {
    const { model, resume } = this.#options;
    if (this.#validate !== undefined && this.#best.state.loss !== null) {
      if (this.#bestWeights !== undefined) {
        withTensors(this.#bestWeights, (weights) => {
          model.loadStateDict(weights);
        });
        return this.#best.state.step;
      }
      const best = await resume?.loadBest?.();
      if (best !== undefined) {
        model.loadStateDict(best.weights);
        best.dispose();
        return this.#best.state.step;
      }
    }
    this.#average?.adopt();
    return this.#position.step;
  }

  /** The same error, with the first tensor that went bad: the steps since the last state are made again, watched. */
  async #explain(error: NonFiniteLossError): Promise<NonFiniteLossError> {
    const { step } = error;
    const snapshot = this.#snapshot;
    if (step === undefined || snapshot === undefined) return error;
    const text = await this.#replay(snapshot, step).catch(
      (cause: unknown) => `looking for the first bad tensor failed: ${(cause as Error).message}`,
    );
    return new NonFiniteLossError(`${error.message}; ${text}`, step);
  }

  /** Goes back, and makes the last two updates before `lastStep` is done with an eye on every tensor. */
  async #replay({ weights, optimizer, state }: Snapshot, lastStep: number): Promise<string> {
    this.#log.dispose();
    withTensors(weights, (model) => {
      withTensors(optimizer, (slots) => {
        this.#restore(model, slots, state);
      });
    });
    this.#options.model.train();
    for await (const groups of this.#groups(() => 1)) {
      const { step } = this.#position;
      if (step < lastStep - 2) {
        for (const { terms } of this.#updater.run(groups, step)) tf.dispose(terms);
      } else {
        const found = await checkedUpdate(this.#options.model, this.#parts, this.#updater.withInputs(groups[0]!, step));
        if (found !== undefined) return found;
      }
      this.#position.step++;
      if (this.#position.step >= lastStep) break;
    }
    return `made again uncompiled from step ${state.step} on, no tensor did`;
  }

  get #validate(): FitOptions<Item>['validate'] {
    return this.#settings.overfitOneBatch ? undefined : this.#options.validate;
  }

  get #isOver(): boolean {
    return this.#position.step >= this.#totals.steps || this.#best.isHopeless;
  }
}

/** @throws NonFiniteLossError, or Error where there is no loss */
function checkValidation(metrics: Metrics, place: string, step?: number): void {
  if (metrics.loss === undefined) throw new Error(`${place}: expected a figure named "loss", got none`);
  requireFinite(metrics, place, step);
}
