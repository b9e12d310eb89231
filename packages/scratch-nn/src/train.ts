import {
  cosineSchedule,
  NonFiniteLossError,
  RandomNumbers,
  type Split,
  UserError,
  yieldToEventLoop,
} from '@motley/run';
import type { MetricTable, ScratchTrainContext } from '@motley/run/node';
import type { ScratchConfig } from './config.ts';
import { batchCount, batches, type Batch, type PictureSets } from './data.ts';
import { measure, type Measures } from './evaluate.ts';
import { Network } from './model.ts';
import { createOptimizer, type Optimizer } from './optimizers.ts';
import { CLASSES } from './shapes.ts';
import { restoreArrays, storedArrays, type StoredArrays } from './stored-arrays.ts';
import { INITIAL_STATE, parseState, type TrainingState } from './training-state.ts';

/** What a training may be told of its surroundings. */
export type Surroundings = Partial<Pick<ScratchTrainContext<ScratchConfig>, 'listeners' | 'signal' | 'resume'>>;

export interface TrainingResult {
  readonly status: 'completed' | 'stopped';
  readonly steps: number;
  readonly epochs: number;
  readonly parameters: number;
  /** Of the steps alone, without validation. */
  readonly samplesPerSecond: number;
  /** The step whose weights the network has. */
  readonly bestStep: number;
  readonly metrics: MetricTable;
}

/**
 * The network of a configuration, with the initial weights of its seed.
 * @throws UserError where its layers do not fit the pictures, one another, or the classes
 */
export function createNetwork({ model, data, training }: ScratchConfig): Network {
  const random = RandomNumbers.fromSeed(training.seed).fork('weights');
  const network = new Network(model, [data.size, data.size, 1], random);
  const { outputShape } = network;
  if (outputShape.length !== 1 || outputShape[0] !== CLASSES.length)
    throw new UserError(
      `model.layers: expected the last layer to give ${CLASSES.length} values, one for each class, got [${outputShape.join(', ')}]`,
    );
  return network;
}

/**
 * Trains a network, and measures the best of its weights (by validation) on the test pictures.
 * @throws UserError where the configuration does not fit; NonFiniteLossError naming the step
 */
export async function train(
  config: ScratchConfig,
  pictures: PictureSets,
  surroundings: Surroundings = {},
): Promise<{ readonly network: Network; readonly result: TrainingResult }> {
  const training = new Training(config, pictures, surroundings);
  const result = await training.run();
  return { network: training.network, result };
}

const YIELD_EVERY_MS = 50;
const PROGRESS_EVERY_MS = 250;

/** One training, from its first step or from a checkpoint to its end. */
class Training {
  readonly network: Network;
  readonly #config: ScratchConfig;
  readonly #pictures: PictureSets;
  readonly #surroundings: Surroundings;
  readonly #optimizer: Optimizer;
  readonly #schedule: (step: number) => number;
  readonly #random: RandomNumbers;
  readonly #batchesPerEpoch: number;
  readonly #totalSteps: number;
  readonly #startedAt = performance.now();
  readonly #state: TrainingState;
  readonly #secondsBefore: number;
  readonly #metrics: Record<string, Measures> = {};
  #bestWeights: StoredArrays | undefined;
  #stepTimeInMs = 0;
  #examplesTimed = 0;
  #yieldedAt = performance.now();
  #progressAt = 0;

  constructor(config: ScratchConfig, pictures: PictureSets, surroundings: Surroundings) {
    const { epochs, steps, batchSize, optimizer, seed } = config.training;
    const { resume } = surroundings;
    this.#config = config;
    this.#pictures = pictures;
    this.#surroundings = surroundings;
    this.network = createNetwork(config);
    this.#optimizer = createOptimizer(optimizer, this.network.parameters);
    this.#batchesPerEpoch = batchCount(pictures.training, batchSize);
    this.#totalSteps = steps ?? epochs * this.#batchesPerEpoch;
    // A part of each parameter's own rate.
    this.#schedule = cosineSchedule({ learningRate: 1, totalSteps: this.#totalSteps });
    this.#random = RandomNumbers.fromSeed(seed);
    this.#state = structuredClone(resume === undefined ? INITIAL_STATE : parseState(resume.state));
    this.#secondsBefore = this.#state.timeInSeconds;
    if (resume === undefined) return;
    restoreArrays(this.network.state, resume.weights, 'weights');
    restoreArrays(this.#optimizer.slots, resume.optimizer, 'optimizer');
  }

  async run(): Promise<TrainingResult> {
    let isStopped = this.#surroundings.signal?.aborted ?? false;
    while (!this.#isOver && !isStopped) isStopped = await this.#runEpoch();
    if (this.#isOver) {
      await this.#adoptBest();
      await this.#measure('test');
    }
    return {
      status: this.#isOver ? 'completed' : 'stopped',
      steps: this.#state.step,
      epochs: this.#epochsBegun,
      parameters: this.network.parameterCount(),
      samplesPerSecond: this.#samplesPerSecond,
      bestStep: this.#state.best.step,
      metrics: this.#metrics,
    };
  }

  /** The rest of the current epoch. @returns whether it was interrupted, its state being saved */
  async #runEpoch(): Promise<boolean> {
    const state = this.#state;
    const { training } = this.#pictures;
    const order = this.#random.fork('order').fork(state.epoch).permutation(training.labels.length);
    for (const batch of batches(training, this.#config.training.batchSize, order, state.batch)) {
      this.#step(batch);
      const endsEpoch = state.batch === this.#batchesPerEpoch;
      if (endsEpoch) Object.assign(state, { epoch: state.epoch + 1, batch: 0 });
      await this.#breathe();
      if (endsEpoch || this.#isOver) {
        await this.#endEpoch();
        break;
      }
      if (this.#surroundings.signal?.aborted === true) {
        await this.#save(false);
        return true;
      }
    }
    return this.#surroundings.signal?.aborted ?? false;
  }

  #step({ inputs, targets, labels }: Batch): void {
    const startedAt = performance.now();
    const { learningRate } = this.#config.training;
    const state = this.#state;
    const noise = this.#random.fork('dropout').fork(state.step);
    const { loss, penalty } = this.network.differentiate(inputs, targets, noise);
    if (!Number.isFinite(loss + penalty))
      throw new NonFiniteLossError(
        `step ${state.step + 1}: expected a finite loss, got ${loss + penalty}; try a lower training.learningRate`,
        state.step + 1,
      );
    const part = this.#schedule(state.step);
    state.step++;
    state.batch++;
    this.#optimizer.update(state.step, (own = learningRate) => own * part);
    const { sums } = state;
    sums.examples += labels.length;
    sums.loss += loss * labels.length;
    sums.penalty += penalty * labels.length;
    this.#examplesTimed += labels.length;
    this.#stepTimeInMs += performance.now() - startedAt;
  }

  /** Logs the epoch's means, validates, saves. */
  async #endEpoch(): Promise<void> {
    const state = this.#state;
    const { examples, loss, penalty } = state.sums;
    const learningRate = this.#config.training.learningRate * this.#schedule(state.step - 1);
    const means = { loss: loss / examples, penalty: penalty / examples };
    await this.#log('train', { ...means, learningRate, samplesPerSecond: this.#samplesPerSecond });
    state.sums = { ...INITIAL_STATE.sums };
    const validation = await this.#measure('validation');
    if (!Number.isFinite(validation.loss))
      throw new NonFiniteLossError(
        `validation after step ${state.step}: expected a finite loss, got ${validation.loss}`,
      );
    const isBest = state.best.loss === null || validation.loss < state.best.loss;
    if (isBest) {
      state.best = { loss: validation.loss, step: state.step };
      this.#bestWeights = storedArrays(this.network.state, 'copied');
    }
    await this.#save(isBest);
  }

  async #save(isBest: boolean): Promise<void> {
    this.#state.timeInSeconds = this.#timeInSeconds;
    const { step } = this.#state;
    const checkpoint = {
      step,
      epoch: this.#epochsBegun,
      weights: storedArrays(this.network.state),
      optimizer: storedArrays(this.#optimizer.slots),
      state: this.#state,
      isBest,
    };
    for (const listener of this.#surroundings.listeners ?? []) await listener.onCheckpoint?.(checkpoint);
  }

  /** Gives the network its best weights. */
  async #adoptBest(): Promise<void> {
    const best = this.#bestWeights ?? (await this.#surroundings.resume?.loadBest?.())?.weights;
    if (best !== undefined) restoreArrays(this.network.state, best, 'weights');
  }

  async #measure(split: 'validation' | 'test'): Promise<Measures> {
    const measures = measure(this.network, this.#pictures[split]);
    this.#metrics[split] = measures;
    await this.#log(split, measures);
    return measures;
  }

  async #log(split: Split, metrics: Readonly<Record<string, number>>): Promise<void> {
    const record = {
      step: this.#state.step,
      epoch: this.#epochsBegun,
      split,
      timeInSeconds: this.#timeInSeconds,
      metrics,
    };
    for (const listener of this.#surroundings.listeners ?? []) await listener.onMetrics?.(record);
  }

  /** Lets events run (a signal, say) and tells of the progress. */
  async #breathe(): Promise<void> {
    const now = performance.now();
    if (now - this.#progressAt >= PROGRESS_EVERY_MS) {
      this.#progressAt = now;
      const { step, sums } = this.#state;
      const progress = {
        step,
        steps: this.#totalSteps,
        epoch: this.#epochsBegun,
        epochs: Math.ceil(this.#totalSteps / this.#batchesPerEpoch),
        samplesPerSecond: this.#samplesPerSecond,
        metrics: { loss: sums.loss / sums.examples },
      };
      for (const listener of this.#surroundings.listeners ?? []) listener.onProgress?.(progress);
    }
    if (now - this.#yieldedAt < YIELD_EVERY_MS) return;
    await yieldToEventLoop();
    this.#yieldedAt = performance.now();
  }

  get #isOver(): boolean {
    return this.#state.step >= this.#totalSteps;
  }

  get #epochsBegun(): number {
    const { epoch, batch } = this.#state;
    return batch > 0 ? epoch + 1 : epoch;
  }

  get #samplesPerSecond(): number {
    return this.#stepTimeInMs === 0 ? 0 : (this.#examplesTimed * 1000) / this.#stepTimeInMs;
  }

  get #timeInSeconds(): number {
    return this.#secondsBefore + (performance.now() - this.#startedAt) / 1000;
  }
}
