import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { type Metrics, RandomNumbers, type ScratchArray, type Split, stepSchedule, UserError } from '@motley/run';
import type { ScratchTrainContext, TrainResult } from '@motley/run/node';
import { z } from 'zod';
import type { ByHandConfig } from './config.ts';
import type { TextData } from './data.ts';
import { measure } from './evaluate.ts';
import { crossEntropy } from './loss.ts';
import { RecurrentNetwork } from './model.ts';
import { sample } from './sample.ts';

/** What a training may be told of its surroundings. */
export type Surroundings = Partial<
  Pick<ScratchTrainContext<ByHandConfig>, 'listeners' | 'signal' | 'resume' | 'print'>
>;

const YIELD_EVERY_MS = 50;
const PROGRESS_EVERY_MS = 250;
const SAMPLE_TEMPERATURE = 1;

const stateSchema = z.strictObject({
  /** Updates made. */
  step: z.int().min(0),
  timeInSeconds: z.number().min(0),
  /** The lowest validation loss, and the step where it was; null before the first. */
  best: z.strictObject({ loss: z.number().nullable(), step: z.int().min(0) }),
  /** Since the last line of the log. */
  sum: z.strictObject({ loss: z.number(), steps: z.int().min(0) }),
});
/** What a checkpoint holds beside arrays: the place in the text is a function of the step. */
type TrainingState = z.output<typeof stateSchema>;

/** The network of a configuration for a vocabulary, with the initial weights of its seed. */
export function createNetwork({ model, training }: ByHandConfig, vocabularySize: number): RecurrentNetwork {
  const window = { streams: training.batchSize, steps: training.sequenceLength };
  const network = new RecurrentNetwork({ ...model, vocabularySize }, window);
  network.initialize(RandomNumbers.fromSeed(training.seed).fork('weights'));
  return network;
}

/**
 * Trains a network, which ends with the best of its weights by validation.
 * @throws UserError where the text is too short, or the checkpoint is another network's
 */
export async function train(
  config: ByHandConfig,
  data: TextData,
  surroundings: Surroundings = {},
): Promise<{ readonly network: RecurrentNetwork; readonly result: TrainResult & { readonly bestStep: number } }> {
  const training = new Training(config, data, surroundings);
  return { network: training.network, result: await training.run() };
}

/** One training, from its first step or from a checkpoint to its end. */
class Training {
  readonly network: RecurrentNetwork;
  readonly #config: ByHandConfig['training'];
  readonly #data: TextData;
  readonly #surroundings: Surroundings;
  readonly #schedule: (step: number) => number;
  /** How far apart the streams are in the text. */
  readonly #streamLength: number;
  readonly #stepsPerEpoch: number;
  readonly #totalSteps: number;
  readonly #state: TrainingState;
  readonly #startedAt = performance.now();
  readonly #secondsBefore: number;
  #validation: Metrics | undefined;
  #bestWeights: Record<string, ScratchArray> | undefined;
  #stepTimeInMs = 0;
  #stepsTimed = 0;
  #yieldedAt = performance.now();
  #progressAt = 0;

  constructor(config: ByHandConfig, data: TextData, surroundings: Surroundings) {
    const { batchSize, sequenceLength, steps, epochs, learningRate, decayEverySteps, decayFactor } = config.training;
    const { resume } = surroundings;
    this.#config = config.training;
    this.#data = data;
    this.#surroundings = surroundings;
    this.#streamLength = Math.floor(data.training.length / batchSize);
    this.#stepsPerEpoch = Math.floor((this.#streamLength - 1) / sequenceLength);
    if (this.#stepsPerEpoch < 1)
      throw new UserError(
        `training text: expected ${sequenceLength + 1} symbols or more (training.sequenceLength and the next) for each ` +
          `of ${batchSize} streams (training.batchSize), found ${data.training.length} in all`,
      );
    this.#totalSteps = steps ?? epochs * this.#stepsPerEpoch;
    this.#schedule = stepSchedule({ learningRate, everySteps: decayEverySteps, factor: decayFactor });
    this.network = createNetwork(config, data.vocabulary.tokenizer.vocabularySize);
    this.#state =
      resume === undefined
        ? { step: 0, timeInSeconds: 0, best: { loss: null, step: 0 }, sum: { loss: 0, steps: 0 } }
        : parseState(resume.state);
    this.#secondsBefore = this.#state.timeInSeconds;
    if (resume === undefined) return;
    this.network.load(resume.weights);
    this.network.loadSquareSums(resume.optimizer);
    for (let layer = 0; layer < config.model.layers; layer++)
      this.network.state(layer).set(resume.optimizer[`state.${layer}`]!.values);
  }

  async run(): Promise<TrainResult & { readonly bestStep: number }> {
    const { signal } = this.#surroundings;
    const { validateEverySteps, sampleEverySteps, logEverySteps } = this.#config;
    const state = this.#state;
    while (!this.#isOver && signal?.aborted !== true) {
      this.#step();
      if (state.step % logEverySteps === 0) await this.#logTraining();
      if (sampleEverySteps !== null && state.step % sampleEverySteps === 0) this.#printSample();
      if (state.step % (validateEverySteps ?? this.#stepsPerEpoch) === 0 || state.step >= this.#totalSteps)
        await this.#validate();
      await this.#breathe();
    }
    if (this.#isOver) await this.#adoptBest();
    else await this.#save(false);
    return {
      status: this.#isOver ? 'completed' : 'stopped',
      steps: state.step,
      epochs: this.#epoch,
      parameters: this.network.parameterCount(),
      samplesPerSecond: this.#symbolsPerSecond,
      bestStep: state.best.step,
      metrics: this.#validation === undefined ? {} : { validation: this.#validation },
    };
  }

  #step(): void {
    const startedAt = performance.now();
    const { network } = this;
    const { batchSize, sequenceLength, maxGradientNorm, maxGradientValue } = this.#config;
    const state = this.#state;
    const window = state.step % this.#stepsPerEpoch;
    if (window === 0) network.resetState();
    const inputs = this.#symbolsAt(window * sequenceLength);
    const targets = this.#symbolsAt(window * sequenceLength + 1);
    const logits = network.forward(inputs);
    // Of the sum over a window's steps, as in min-char-rnn, and the mean over streams.
    const loss = crossEntropy(network.memory.valuesOf(logits), targets, 1 / batchSize);
    if (!Number.isFinite(loss))
      throw new Error(`step ${state.step + 1}: expected a finite loss, got ${loss}: try a lower --learning-rate`);
    network.backward(inputs, logits);
    network.update(this.#schedule(state.step), maxGradientNorm, maxGradientValue);
    network.carryState(sequenceLength);
    state.step++;
    state.sum.loss += loss;
    state.sum.steps++;
    this.#stepTimeInMs += performance.now() - startedAt;
    this.#stepsTimed++;
  }

  /** A window of each stream, from a place of its part on: [T B]. */
  #symbolsAt(place: number): Int32Array {
    const { batchSize, sequenceLength } = this.#config;
    const { training } = this.#data;
    if (batchSize === 1) return training.subarray(place, place + sequenceLength);
    const symbols = new Int32Array(batchSize * sequenceLength);
    for (let step = 0, to = 0; step < sequenceLength; step++)
      for (let stream = 0; stream < batchSize; stream++)
        symbols[to++] = training[stream * this.#streamLength + place + step]!;
    return symbols;
  }

  async #logTraining(): Promise<void> {
    const { sum, step } = this.#state;
    const learningRate = this.#schedule(step - 1);
    await this.#log('train', {
      loss: sum.loss / sum.steps,
      learningRate,
      samplesPerSecond: this.#symbolsPerSecond,
    });
    this.#state.sum = { loss: 0, steps: 0 };
  }

  #printSample(): void {
    const { seed, sampleLength } = this.#config;
    const { tokenizer } = this.#data.vocabulary;
    const { step } = this.#state;
    const random = RandomNumbers.fromSeed(seed).fork('samples').fork(step);
    const first = this.#data.training.subarray(0, 1);
    const written = sample(this.network, first, sampleLength, SAMPLE_TEMPERATURE, random);
    this.#surroundings.print?.(`--- after ${step} steps:\n${tokenizer.decode([...first, ...written])}\n---`);
  }

  async #validate(): Promise<void> {
    const state = this.#state;
    const validation = measure(this.network, this.#data);
    this.#validation = validation;
    await this.#log('validation', validation);
    const isBest = state.best.loss === null || validation.loss! < state.best.loss;
    if (isBest) {
      state.best = { loss: validation.loss!, step: state.step };
      this.#bestWeights = copied(this.network.weights);
    }
    await this.#save(isBest);
  }

  async #save(isBest: boolean): Promise<void> {
    const { network } = this;
    const { streams } = network.window;
    const { hiddenSize, layers } = network.sizes;
    const states = Array.from({ length: layers }, (_, layer) => {
      return [`state.${layer}`, { shape: [streams, hiddenSize], values: network.state(layer) }] as const;
    });
    this.#state.timeInSeconds = this.#timeInSeconds;
    const checkpoint = {
      step: this.#state.step,
      epoch: this.#epoch,
      weights: weightsWith(this.#data, network.weights),
      optimizer: { ...network.squareSums, ...Object.fromEntries(states) },
      state: structuredClone(this.#state),
      isBest,
    };
    for (const listener of this.#surroundings.listeners ?? []) await listener.onCheckpoint?.(checkpoint);
  }

  /** Gives the network its best weights, and measures them where a resumed training found none better. */
  async #adoptBest(): Promise<void> {
    const best = this.#bestWeights ?? (await this.#surroundings.resume?.loadBest?.())?.weights;
    if (best !== undefined) this.network.load(best);
    this.#validation = measure(this.network, this.#data);
  }

  async #log(split: Split, metrics: Metrics): Promise<void> {
    const record = { step: this.#state.step, epoch: this.#epoch, split, timeInSeconds: this.#timeInSeconds, metrics };
    for (const listener of this.#surroundings.listeners ?? []) await listener.onMetrics?.(record);
  }

  /** Lets events run (a signal, say) and tells of the progress. */
  async #breathe(): Promise<void> {
    const now = performance.now();
    if (now - this.#progressAt >= PROGRESS_EVERY_MS) {
      this.#progressAt = now;
      const { step, sum } = this.#state;
      const progress = {
        step,
        steps: this.#totalSteps,
        epoch: this.#epoch,
        epochs: Math.ceil(this.#totalSteps / this.#stepsPerEpoch),
        samplesPerSecond: this.#symbolsPerSecond,
        metrics: sum.steps === 0 ? {} : { loss: sum.loss / sum.steps },
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

  /** Those begun. */
  get #epoch(): number {
    return Math.ceil(this.#state.step / this.#stepsPerEpoch);
  }

  get #symbolsPerSecond(): number {
    const { batchSize, sequenceLength } = this.#config;
    return this.#stepsTimed === 0 ? 0 : (1000 * this.#stepsTimed * batchSize * sequenceLength) / this.#stepTimeInMs;
  }

  get #timeInSeconds(): number {
    return this.#secondsBefore + (performance.now() - this.#startedAt) / 1000;
  }
}

/** Weights with the vocabulary beside them, which they are of no use without. */
function weightsWith({ vocabulary: { codes } }: TextData, weights: Record<string, ScratchArray>) {
  return { ...weights, vocabulary: { shape: [codes.length], values: codes } };
}

function copied(arrays: Record<string, ScratchArray>): Record<string, ScratchArray> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [name, { shape, values: values.slice() }]),
  );
}

/** @throws UserError where `value` is no such state */
function parseState(value: unknown): TrainingState {
  const result = stateSchema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UserError(`training state: ${path.join('.')} ${message}`.replaceAll('\n', ' '));
}
