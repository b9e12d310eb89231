import type { NamedArrays } from '../checkpoint/arrays.ts';
import { copyArrays } from '../checkpoint/arrays.ts';
import { RandomNumbers } from '../random/random-numbers.ts';
import { constantSchedule, cosineSchedule, type Schedule } from '../schedules/schedules.ts';
import type { BatchSource } from './batches.ts';
import type { Checkpoint, EpochEnd, MetricRecord, Progress, TrainingListener, SavedState } from './events.ts';
import type { Learner, StepTerms } from './learner.ts';
import { NetworkLearner, type TrainableNetwork } from './network-learner.ts';
import { runTraining, type LoopSettings, type TrainingHooks, type TrainingResult } from './run-training.ts';

const EXAMPLES = 20;
const inputs = RandomNumbers.fromSeed(1).normalValues(EXAMPLES * 2);
// y = 3 x₀ - 2 x₁ + 0.5
const targets = Float32Array.from({ length: EXAMPLES }, (_, i) => 3 * inputs[2 * i]! - 2 * inputs[2 * i + 1]! + 0.5);

/** Indices of examples. */
export type Examples = readonly number[];

/** Batches of the 20 examples, in a different order each epoch. */
export function regressionBatches(batchSize = 6): BatchSource<Examples> {
  const batchesPerEpoch = Math.ceil(EXAMPLES / batchSize);
  return {
    batchesPerEpoch,
    *batches(epoch, firstBatch = 0) {
      const order = [...RandomNumbers.fromSeed(3).fork(epoch).permutation(EXAMPLES)];
      for (let batch = firstBatch; batch < batchesPerEpoch; batch++)
        yield order.slice(batch * batchSize, (batch + 1) * batchSize);
    },
  };
}

/** Linear regression with noise, trained by SGD with momentum. Has weights, slots and a random state. */
export class Regression implements TrainableNetwork<Examples> {
  readonly weight = new Float32Array(2);
  readonly bias = new Float32Array(1);
  readonly #velocity = new Float32Array(3);
  readonly #noise = Int32Array.of(0);
  readonly #schedule: Schedule;

  constructor(schedule: Schedule = constantSchedule(0.05)) {
    this.#schedule = schedule;
  }

  parameterCount(): number {
    return 3;
  }

  get values(): number[] {
    return [...this.weight, ...this.bias];
  }

  update(examples: Examples, step: number): ReturnType<TrainableNetwork<Examples>['update']> {
    const gradient = [0, 0, 0];
    let error = 0;
    const noise = RandomNumbers.fromSeed(5).fork(this.#noise[0]!++).normalValues(examples.length, 0, 0.01);
    for (const [index, example] of examples.entries()) {
      const [x0, x1] = [inputs[2 * example]!, inputs[2 * example + 1]!];
      const difference =
        this.weight[0]! * x0 + this.weight[1]! * x1 + this.bias[0]! - targets[example]! - noise[index]!;
      error += difference ** 2 / examples.length;
      for (const [place, x] of [x0, x1, 1].entries()) gradient[place]! += (2 * difference * x) / examples.length;
    }
    const penalty = 1e-4 * (this.weight[0]! ** 2 + this.weight[1]! ** 2);
    for (const [place, value] of gradient.entries()) {
      this.#velocity[place] = 0.5 * this.#velocity[place]! + value;
      const parameter = place < 2 ? this.weight : this.bias;
      parameter[place % 2]! -= this.#schedule(step) * this.#velocity[place];
    }
    return { examples: examples.length, terms: { loss: error + penalty, error, penalty } };
  }

  weights(): NamedArrays {
    return { weight: { shape: [2], values: this.weight }, bias: { shape: [1], values: this.bias } };
  }

  slots(): NamedArrays {
    return { velocity: { shape: [3], values: this.#velocity }, noise: { shape: [1], values: this.#noise } };
  }

  loadWeights(weights: NamedArrays): void {
    copyArrays(this.weights(), weights, 'weights');
  }

  loadSlots(slots: NamedArrays): void {
    copyArrays(this.slots(), slots, 'optimizer');
  }
}

/** Learner that learns nothing and records the calls of the loop. */
export class FakeLearner implements Learner<number> {
  /** Each call as text. */
  readonly calls: string[] = [];
  engine: string | undefined;
  isEvaluating = false;
  readonly #parts: { readonly stepsPerCall?: number; readonly lossAt?: (step: number) => number };
  readonly #accumulationSteps: number;
  #terms: StepTerms[] = [];
  #graph: Uint8Array | undefined = Uint8Array.of(7);

  constructor(parts: { stepsPerCall?: number; lossAt?: (step: number) => number } = {}, accumulationSteps = 1) {
    this.#parts = parts;
    this.#accumulationSteps = accumulationSteps;
  }

  get stepsPerCall(): number {
    return this.#parts.stepsPerCall ?? 1;
  }

  parameterCount(): number {
    return 0;
  }

  update(batches: readonly number[], step: number): number {
    this.calls.push(`update ${batches.join(' ')} after ${step}`);
    this.engine = 'fake';
    const updates = Math.ceil(batches.length / this.#accumulationSteps);
    for (let index = 0; index < updates; index++)
      this.#terms.push({ step: step + index + 1, weight: 1, terms: { loss: this.#lossAt(step + index + 1) } });
    return batches.length;
  }

  #lossAt(step: number): number {
    return this.#parts.lossAt?.(step) ?? 1;
  }

  readTerms(): Promise<readonly StepTerms[]> {
    if (this.#terms.length > 0) this.calls.push('read');
    return Promise.resolve(this.#terms.splice(0));
  }

  encode(): Promise<SavedState> {
    this.calls.push(this.isEvaluating ? 'encode' : 'encode while it trains');
    return Promise.resolve({ weights: Uint8Array.of(1), optimizer: Uint8Array.of(2) });
  }

  restore({ weights, optimizer }: SavedState): void {
    this.calls.push(`restore ${weights.join()} ${optimizer.join()}`);
  }

  async evaluating<T>(run: () => Promise<T>): Promise<T> {
    this.isEvaluating = true;
    try {
      return await run();
    } finally {
      this.isEvaluating = false;
    }
  }

  finish(weights?: Uint8Array): void {
    this.calls.push(`finish ${weights?.join() ?? 'as it is'}`);
  }

  takeGraph(): Uint8Array | undefined {
    const graph = this.#graph;
    this.#graph = undefined;
    return graph;
  }
}

/** Batches that are their own index within the epoch. */
export function numberedBatches(batchesPerEpoch: number, found = batchesPerEpoch): BatchSource<number> {
  return {
    batchesPerEpoch,
    *batches(_epoch, firstBatch = 0) {
      for (let batch = firstBatch; batch < found; batch++) yield batch;
    },
  };
}

/** Records the events of a training. States pass through JSON. */
export class Recorder implements TrainingListener {
  readonly records: MetricRecord[] = [];
  readonly progress: Progress[] = [];
  readonly epochEnds: EpochEnd[] = [];
  readonly graphs: Uint8Array[] = [];
  readonly checkpoints: Checkpoint[] = [];

  onMetrics(record: MetricRecord): void {
    this.records.push(record);
  }

  onProgress(progress: Progress): void {
    this.progress.push(progress);
  }

  onEpochEnd(end: EpochEnd): void {
    this.epochEnds.push(end);
  }

  onGraph(graphDef: Uint8Array): void {
    this.graphs.push(graphDef);
  }

  onCheckpoint(checkpoint: Checkpoint): Promise<void> {
    this.checkpoints.push({ ...checkpoint, state: JSON.parse(JSON.stringify(checkpoint.state)) as unknown });
    return Promise.resolve();
  }
}

/** Records without timings. */
export const withoutTime = (records: readonly MetricRecord[]): unknown[] =>
  records.map(({ step, epoch, split, metrics }) => {
    const timeless = Object.entries(metrics).filter(([name]) => name !== 'samplesPerSecond');
    return { step, epoch, split, metrics: Object.fromEntries(timeless) };
  });

/** Schedule of `trainRegression`. */
export const schedule = cosineSchedule({ learningRate: 0.1, warmupSteps: 2, totalSteps: 60 });

/** Trains a regression with 20 examples in 4 batches per epoch. */
export async function trainRegression(
  settings: Partial<LoopSettings> = {},
  hooks: Partial<TrainingHooks<Examples>> = {},
  network = new Regression(schedule),
) {
  const recorder = new Recorder();
  const listeners = [recorder, ...(hooks.listeners ?? [])];
  const result = await runTraining(
    new NetworkLearner(network),
    { epochs: 5, logEverySteps: 3, ...settings },
    { batches: regressionBatches(), schedule, ...hooks, listeners },
  );
  return { result, recorder, network };
}

/** Trains a learner that records the calls of the loop. */
export async function trainFake(
  learner: FakeLearner,
  settings: LoopSettings,
  hooks: Partial<TrainingHooks<number>> = {},
): Promise<TrainingResult> {
  return runTraining(learner, settings, { batches: numberedBatches(10), schedule: constantSchedule(1), ...hooks });
}
