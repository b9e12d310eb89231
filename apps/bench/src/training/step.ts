import { type Module, type NamedVariables, type Optimizer, RandomStream } from '@motley/core';
import type * as tf from '@tensorflow/tfjs-core';

/** Inputs and targets of a step, by name. Images are [B, H, W, C]; the first axis is the batch. */
export type Batch = Readonly<Record<string, tf.Tensor>>;

/** A model with a scalar loss. */
export type StepModel = Module & { loss(batch: Batch): tf.Tensor };

/**
 * A training step to time: forward, backward, optimizer. `apps/bench/python/torch_steps.py` and its neighbors have the same
 * step in PyTorch with the same parameter names. Weights and batches come from here.
 */
export interface TrainingStep {
  /** Name on the command line. */
  readonly name: string;
  /** Architecture, sizes and optimizer, for the table. */
  readonly title: string;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Whether it draws noise in training. The first steps, whose losses are compared, run without noise. */
  readonly hasDropout?: boolean;
  /** @param random draws the initial weights, on the host: the same on every backend */
  createModel(random: RandomStream): StepModel;
  createOptimizer(parameters: NamedVariables): Optimizer;
  /** One batch, drawn on the host. */
  createBatch(random: RandomStream): Batch;
}

/** Number of different batches; steps cycle through them. */
const BATCH_COUNT = 4;
/** Number of first steps whose losses are compared. */
export const COMPARED_STEPS = 5;

const SEED = 20_260;

/** Initial model and batches of a step; the same values in every process. */
export function prepare(step: TrainingStep): { readonly model: StepModel; readonly batches: readonly Batch[] } {
  const random = RandomStream.fromSeed(SEED).fork(step.name);
  return {
    model: step.createModel(random.fork('weights')),
    batches: Array.from({ length: BATCH_COUNT }, (_, index) => step.createBatch(random.fork(index))),
  };
}
