import type { Learner, SavedState, Schedule, StepTerms } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { decodeTensors, encodeTensors } from '../checkpoint/tensors.ts';
import { examplesOf, type Batch, type WeightOf } from '../data/batches.ts';
import type { Module } from '../nn/module.ts';
import type { StateDict } from '../nn/state-dict.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { LeakGuard } from './leak-guard.ts';
import { LossWindow } from './loss-window.ts';
import { createStepParts, type StepCompiler, type StepParts, type StepPartsOptions } from './step.ts';
import { Updater } from './updater.ts';
import { WeightAverage } from './weight-average.ts';

/** Prefix of trained weights in the saved optimizer state, used where the model holds averaged weights. */
const TRAINED_WEIGHT = 'parameter.';

export interface TensorLearnerOptions<Item extends Batch> extends Omit<StepPartsOptions<Item>, 'average'> {
  readonly schedule: Schedule;
  readonly weightOf: WeightOf<Item> | undefined;
  readonly emaDecay: number | null;
  readonly accumulationSteps: number;
  readonly stepsPerCall: number;
  readonly compile: StepCompiler | undefined;
  /** Engine that an earlier part of the training chose. */
  readonly engine: string | undefined;
  /** Number of updates made before. */
  readonly firstStep: number;
  /** Whether `takeGraph` should return the graph of the compiled step. */
  readonly wantsGraph: boolean;
}

/** Learner for a tensor model. */
export class TensorLearner<Item extends Batch> implements Learner<Item> {
  readonly model: Module;
  readonly parts: StepParts<Item>;
  readonly updater: Updater<Item>;
  readonly #optimizer: Optimizer;
  readonly #average: WeightAverage | undefined;
  readonly #window = new LossWindow();
  readonly #leaks: LeakGuard;
  #step: number;
  /** Trained weights, while averages take their place in the model. */
  #trainedWeights: StateDict = {};
  #graph: Uint8Array | undefined;

  constructor(options: TensorLearnerOptions<Item>) {
    const { model, optimizer, emaDecay, firstStep, wantsGraph } = options;
    const parameters = model.namedParameters();
    this.model = model;
    this.#optimizer = optimizer;
    this.#average = emaDecay === null ? undefined : new WeightAverage(parameters, emaDecay);
    const average = this.#average;
    this.parts = createStepParts({ ...options, average });
    this.updater = new Updater({
      ...options,
      parts: this.parts,
      parameters,
      average,
      onGraph: wantsGraph ? (graph) => (this.#graph = graph) : undefined,
    });
    this.#step = firstStep;
    this.#leaks = new LeakGuard(firstStep);
    model.train();
  }

  parameterCount(): number {
    return this.model.parameterCount();
  }

  get stepsPerCall(): number {
    return this.updater.stepsPerCall;
  }

  get engine(): string | undefined {
    return this.updater.engine;
  }

  update(batches: readonly Item[], step: number): number {
    const examples = batches.reduce((sum, batch) => sum + examplesOf(batch), 0);
    const entries = this.updater.run(batches, step);
    for (const entry of entries) this.#window.add(entry);
    this.#step = step + (this.updater.accumulates ? 1 : batches.length);
    return examples;
  }

  /** @throws TensorLeakError where the number of tensors grows from step to step */
  async readTerms(): Promise<readonly StepTerms[]> {
    const terms = await this.#window.read();
    this.#leaks.check(this.#step);
    return terms;
  }

  async encode(): Promise<SavedState> {
    const weights = this.model.stateDict();
    const slots = this.#optimizer.stateDict();
    try {
      return {
        weights: await encodeTensors(weights),
        optimizer: await encodeTensors({ ...slots, ...this.#trainedWeights }),
      };
    } finally {
      tf.dispose([weights, slots]);
    }
  }

  /** @throws UserError or StateDictError where the state is of another model */
  restore({ weights, optimizer }: SavedState): void {
    const isTrained = ([name]: [string, unknown]): boolean => name.startsWith(TRAINED_WEIGHT);
    withTensors(weights, (tensors) => {
      this.model.loadStateDict(tensors);
    });
    withTensors(optimizer, (tensors) => {
      const entries = Object.entries(tensors);
      const slots = this.#average === undefined ? entries : entries.filter((entry) => !isTrained(entry));
      this.#optimizer.loadStateDict(Object.fromEntries(slots));
      this.#average?.restore(Object.fromEntries(entries.filter(isTrained)));
    });
  }

  async evaluating<T>(run: () => Promise<T>): Promise<T> {
    this.model.eval();
    try {
      if (this.#average === undefined) return await run();
      return await this.#average.inPlace(async (trained) => {
        this.#trainedWeights = trained;
        try {
          return await run();
        } finally {
          this.#trainedWeights = {};
        }
      });
    } finally {
      this.model.train();
    }
  }

  finish(weights?: Uint8Array): void {
    if (weights === undefined) this.#average?.adopt();
    else
      withTensors(weights, (tensors) => {
        this.model.loadStateDict(tensors);
      });
    this.model.eval();
  }

  takeGraph(): Uint8Array | undefined {
    const graph = this.#graph;
    this.#graph = undefined;
    return graph;
  }

  shapeOf(batch: Item): string {
    return Object.values(batch)
      .map(({ shape, dtype }) => `${dtype}${shape.join()}`)
      .join(';');
  }

  discard(batch: Item): void {
    tf.dispose(batch);
  }

  /** Frees the tensors of the training. Model and optimizer remain. */
  dispose(): void {
    this.#window.dispose();
    this.updater.dispose();
    this.#average?.dispose();
    this.#leaks.dispose();
  }
}

/** Decodes a safetensors file, passes its tensors to `use` and then frees them. */
function withTensors(bytes: Uint8Array, use: (tensors: StateDict) => void): void {
  const tensors = decodeTensors(bytes, 'checkpoint');
  try {
    use(tensors);
  } finally {
    tf.dispose(tensors);
  }
}
