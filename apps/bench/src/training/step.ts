import { type Module, type NamedVariables, type Optimizer, RandomStream } from '@motley/core';
import type * as tf from '@tensorflow/tfjs-core';

/** Inputs and targets of a step, by name. Images are [B, H, W, C]; the first axis is the batch. */
export type Batch = Readonly<Record<string, tf.Tensor>>;

/** A model that says how wrong it is: `loss` is a scalar. */
export type StepModel = Module & { loss(batch: Batch): tf.Tensor };

/**
 * A training step that is timed: forward, backward, optimiser. `apps/bench/python/steps.py` has its twin in PyTorch by the
 * same name, with the same parameter names; weights and batches come from here.
 */
export interface TrainingStep {
  /** As the command line takes it. */
  readonly name: string;
  /** Architecture, sizes and optimiser, for the table. */
  readonly title: string;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Draws noise of its own while training: the first steps, whose losses are compared, are made without it. */
  readonly hasDropout?: boolean;
  /** @param random draws the initial weights, on the host: the same on every backend */
  createModel(random: RandomStream): StepModel;
  createOptimizer(parameters: NamedVariables): Optimizer;
  /** One batch, drawn on the host. */
  createBatch(random: RandomStream): Batch;
}

/** How many different batches the steps go round. */
const BATCH_COUNT = 4;
/** How many first steps' losses are compared between the peers. */
export const COMPARED_STEPS = 5;

const SEED = 20_260;

/** A step's initial model and its batches: the same values wherever they are made. */
export function prepare(step: TrainingStep): { readonly model: StepModel; readonly batches: readonly Batch[] } {
  const random = RandomStream.fromSeed(SEED).fork(step.name);
  return {
    model: step.createModel(random.fork('weights')),
    batches: Array.from({ length: BATCH_COUNT }, (_, index) => step.createBatch(random.fork(index))),
  };
}
