import type { Schedule } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { examplesOf, type Batch, type WeightOf } from '../data/batches.ts';
import { buffer } from '../nn/parameter.ts';
import type { WindowEntry } from './loss-window.ts';
import type { CompiledStep, StepCompiler, StepInputs, StepParts, StepTerms, TrainingStep } from './step.ts';
import type { WeightAverage } from './weight-average.ts';

export interface UpdaterOptions<Item extends Batch> {
  readonly parts: StepParts<Item>;
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  readonly schedule: Schedule;
  /** Number of what the loss of a batch is a mean over. Undefined: its examples. */
  readonly weightOf: WeightOf<Item> | undefined;
  readonly average: WeightAverage | undefined;
  readonly accumulationSteps: number;
  readonly stepsPerCall: number;
  readonly compile: StepCompiler | undefined;
  /** Engine that an earlier part of the training chose. */
  readonly engine: string | undefined;
  /** Receives the graph of the first step, where it is compiled. */
  readonly onGraph?: ((graphDef: Uint8Array) => void) | undefined;
}

/** Makes updates from batches: compiled or not, with several batches per update or several updates per call. */
export class Updater<Item extends Batch> {
  readonly #options: UpdaterOptions<Item>;
  readonly #whole: CompiledStep<Item>;
  /** Gradients summed over the batches of an update, each times the batch's weight. */
  readonly #sums: ReadonlyMap<string, tf.Variable>;
  /** Sum of the weights. Undefined without accumulation. */
  readonly #totalWeight: tf.Variable | undefined;
  readonly #isStacked: boolean;
  #apply: CompiledStep<Batch> | undefined;
  #onGraph: UpdaterOptions<Item>['onGraph'];

  constructor(options: UpdaterOptions<Item>) {
    const { parameters, accumulationSteps, stepsPerCall, compile, engine, onGraph } = options;
    this.#options = options;
    this.#onGraph = onGraph;
    const accumulates = accumulationSteps > 1;
    this.#isStacked = stepsPerCall > 1 && compile !== undefined && !accumulates;
    this.#sums = new Map(
      accumulates ? [...parameters].map(([name, { shape }]) => [name, buffer(tf.zeros(shape))] as const) : [],
    );
    this.#totalWeight = accumulates ? buffer(tf.scalar(0)) : undefined;
    const step: TrainingStep<Item> = (batch, inputs) =>
      accumulates ? this.#accumulate(batch, inputs) : this.#update(batch, inputs);
    this.#whole = compile?.(step, engine, this.#isStacked ? stepsPerCall : 1) ?? step;
  }

  /** Engine of the compiled step, known after the first run. Undefined where it is not compiled. */
  get engine(): string | undefined {
    return this.#whole.engine;
  }

  /** Maximum number of updates per call. */
  get stepsPerCall(): number {
    return this.#isStacked ? this.#options.stepsPerCall : 1;
  }

  /**
   * Makes one update from several accumulated batches, or one update per batch. Takes ownership of the batches.
   * @param firstStep number of updates before, in the whole training
   * @returns terms of the updates, to be read later
   */
  run(batches: readonly Item[], firstStep: number): WindowEntry[] {
    try {
      if (this.#isStacked) return [this.#runStacked(batches, firstStep)];
      if (this.accumulates) return this.#runOne(batches, firstStep);
      return batches.flatMap((batch, index) => this.#runOne([batch], firstStep + index));
    } finally {
      tf.dispose(batches as unknown as tf.TensorContainer);
    }
  }

  /** Whether an update accumulates several batches. */
  get accumulates(): boolean {
    return this.#options.accumulationSteps > 1;
  }

  /** Batches of one update with their inputs, as tensors that the caller owns. */
  withInputs(group: readonly Item[], step: number): { readonly batch: Item; readonly inputs: StepInputs }[] {
    return group.map((batch, index) => ({ batch, inputs: tensorsOf([this.#inputsOf(step, index)], []) }));
  }

  /** Values of the inputs of one batch. @param index position of the batch in its update */
  #inputsOf(step: number, index = 0): Readonly<Record<string, number>> & { readonly step: number } {
    const { schedule, average, accumulationSteps } = this.#options;
    return {
      learningRate: schedule(step),
      step,
      ...(accumulationSteps > 1 && { batchNumber: step * accumulationSteps + index }),
      ...(average && { averageDecay: average.decayAt(step) }),
    };
  }

  dispose(): void {
    this.#whole.dispose?.();
    this.#apply?.dispose?.();
    for (const sum of this.#sums.values()) sum.dispose();
    this.#totalWeight?.dispose();
  }

  #runStacked(batches: readonly Item[], firstStep: number): WindowEntry {
    const inputs = batches.map((_, index) => this.#inputsOf(firstStep + index));
    const stacked = tf.tidy(() => {
      const names = Object.keys(batches[0]!) as (keyof Item)[];
      const entries = names.map((name) => [name, tf.stack(batches.map((batch) => batch[name]!))]);
      return Object.fromEntries(entries) as Item;
    });
    const terms = this.#call(this.#whole, stacked, tensorsOf(inputs));
    tf.dispose(stacked);
    return entryOf(firstStep + 1, terms, batches.map(examplesOf));
  }

  #runOne(group: readonly Item[], step: number): WindowEntry[] {
    const { accumulationSteps } = this.#options;
    const entries = group.map((batch, index): WindowEntry => {
      // 0 drops the sums of the previous update.
      const more = accumulationSteps > 1 ? { keep: index === 0 ? 0 : 1 } : {};
      const inputs = tensorsOf([{ ...this.#inputsOf(step, index), ...more }], []);
      return entryOf(step + 1, this.#call(this.#whole, batch, inputs), [examplesOf(batch)]);
    });
    if (accumulationSteps === 1) return entries;
    const examples = group.reduce((sum, batch) => sum + examplesOf(batch), 0);
    // Same engine as for the first part, as a checkpoint names a single one.
    this.#apply ??= this.#options.compile?.(this.#applySums, this.engine) ?? this.#applySums;
    const terms = this.#call(this.#apply, {}, tensorsOf([this.#inputsOf(step)], []));
    return [...entries, entryOf(step + 1, terms, [examples])];
  }

  #call<Any extends Batch>(step: CompiledStep<Any>, batch: Any, inputs: StepInputs): StepTerms {
    if (this.#onGraph !== undefined && step.graphDef !== undefined) {
      this.#onGraph(step.graphDef('rewritten', batch, inputs));
      this.#onGraph = undefined;
    }
    const terms = step(batch, inputs);
    tf.dispose(inputs);
    return terms;
  }

  #update(batch: Item, inputs: StepInputs): StepTerms {
    const { terms, gradients } = this.#options.parts.gradients(batch, inputs);
    return { ...terms, ...this.#options.parts.apply(gradients, inputs), ...this.#weightTerm(batch) };
  }

  #accumulate(batch: Item, inputs: StepInputs): StepTerms {
    const { terms, gradients } = this.#options.parts.gradients(batch, inputs);
    const ofWeight = this.#weightTerm(batch);
    tf.tidy(() => {
      const weight = ofWeight[WEIGHT] ?? tf.scalar(examplesOf(batch));
      const keeps = tf.greater(inputs.keep!, 0);
      // Not a product with `keep`: what is dropped may be NaN.
      const addTo = (sum: tf.Variable, value: tf.Tensor): void => {
        sum.assign(tf.add(tf.where(keeps, sum, tf.zerosLike(sum)), value));
      };
      for (const [name, sum] of this.#sums) addTo(sum, tf.mul(gradients[name]!, weight));
      addTo(this.#totalWeight!, weight);
    });
    tf.dispose(gradients);
    return { ...terms, ...ofWeight };
  }

  #weightTerm(batch: Item): StepTerms {
    const { weightOf } = this.#options;
    return weightOf === undefined ? {} : { [WEIGHT]: tf.tidy(() => tf.cast(weightOf(batch), 'float32')) };
  }

  readonly #applySums: TrainingStep<Batch> = (_, inputs) => {
    const means = tf.tidy(() => {
      const total = this.#totalWeight!;
      // Where nothing counts, every sum is 0.
      const divisor = tf.where(tf.equal(total, 0), tf.onesLike(total), total);
      return Object.fromEntries([...this.#sums].map(([name, sum]) => [name, tf.div(sum, divisor)] as const));
    });
    return this.#options.parts.apply(means, inputs);
  };
}

/** Term that holds the weight of the others, where `weightOf` gives it. */
const WEIGHT = 'weight of the terms';

function entryOf(step: number, { [WEIGHT]: weights, ...terms }: StepTerms, examples: readonly number[]): WindowEntry {
  return { step, terms, weights: weights ?? examples };
}

/**
 * Stacks the values of each input to a tensor: [steps] by default, scalars with shape []. `step` and `batchNumber` are
 * int32.
 */
function tensorsOf(inputs: readonly Readonly<Record<string, number>>[], shape: number[] = [inputs.length]): StepInputs {
  const names = Object.keys(inputs[0]!);
  const entries = names.map((name) => {
    const values = inputs.map((each) => each[name]!);
    const dtype = name === 'step' || name === 'batchNumber' ? 'int32' : 'float32';
    return [name, tf.tensor(values, shape, dtype)] as const;
  });
  return Object.fromEntries(entries) as unknown as StepInputs;
}
