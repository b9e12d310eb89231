import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/batches.ts';
import type { Module } from '../nn/module.ts';
import { clipByGlobalNorm, clipByValue } from '../optim/clip-gradients.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { RandomStream, type RandomTensors } from '../random/random-stream.ts';
import { StepRandom } from '../random/step-random.ts';
import { valueAndGradients, type LossTerms, type NamedGradients } from './value-and-gradients.ts';
import type { WeightAverage } from './weight-average.ts';

/** Inputs of a loss function besides its batch. */
export interface LossContext {
  /** Training noise, different for each batch. */
  readonly random: RandomTensors;
  /**
   * Number of optimizer steps before this one, int32 scalar. It is the same for all batches of an accumulated update.
   */
  readonly step: tf.Tensor;
}

/** Scalar inputs of a step besides the batch. */
export interface StepInputs extends Readonly<Record<string, tf.Tensor | undefined>> {
  /** Number of optimizer steps before this one, int32. */
  readonly step: tf.Tensor;
  /**
   * Number of batches before this one, int32. Only given with gradient accumulation, where it seeds the noise instead
   * of `step`.
   */
  readonly batchNumber?: tf.Tensor;
}

/** Scalar results of a step, by name. */
export type StepTerms = Readonly<Record<string, tf.Tensor>>;

/** One update, or a part of one, as a function of tensors, which a compiler traces once and runs many times. */
export type TrainingStep<Item extends Batch> = (batch: Item, inputs: StepInputs) => StepTerms;

export interface CompiledStep<Item extends Batch> extends TrainingStep<Item> {
  /** Engine that runs the step, known after the first run. */
  readonly engine?: string | undefined;
  /** Graph for these arguments, as a serialized `GraphDef`. */
  graphDef?(stage: 'traced' | 'rewritten', batch: Item, inputs: StepInputs): Uint8Array;
  dispose?(): void;
}

/**
 * Compiles a training step. `engine` names the engine that an earlier part of the training chose, if any. With
 * `stepsPerCall` > 1 the compiled step takes the arguments of up to that many steps, stacked along a new first axis,
 * and returns stacked terms.
 */
export type StepCompiler = <Item extends Batch>(
  step: TrainingStep<Item>,
  engine: string | undefined,
  stepsPerCall?: number,
) => CompiledStep<Item>;

export interface StepPartsOptions<Item extends Batch> {
  readonly model: Module;
  readonly optimizer: Optimizer;
  readonly loss: (batch: Item, context: LossContext) => LossTerms;
  readonly seed: number;
  readonly maxGradientNorm: number | null;
  readonly maxGradientValue: number | null;
  readonly average: WeightAverage | undefined;
}

/** Parts of an update. The caller owns the tensors that they return. */
export interface StepParts<Item extends Batch> {
  terms(batch: Item, inputs: StepInputs): LossTerms;
  gradients(batch: Item, inputs: StepInputs): { readonly terms: LossTerms; readonly gradients: NamedGradients };
  /**
   * Clips the gradients, updates the weights and their average. Takes ownership of the gradients. Returns
   * `gradientNorm` where the norm is limited.
   */
  apply(gradients: NamedGradients, inputs: StepInputs): StepTerms;
}

export function createStepParts<Item extends Batch>(options: StepPartsOptions<Item>): StepParts<Item> {
  const { model, optimizer, loss, seed, maxGradientNorm, maxGradientValue, average } = options;
  const parameters = model.namedParameters();
  const noise = RandomStream.fromSeed(seed).fork('training').state.key;
  const terms: StepParts<Item>['terms'] = (batch, { step, batchNumber = step }) =>
    loss(batch, { random: new StepRandom(noise, batchNumber), step });
  return {
    terms,
    gradients: (batch, inputs) => valueAndGradients(() => terms(batch, inputs), parameters),
    apply(given, { learningRate, averageDecay }) {
      let gradients = given;
      let terms: StepTerms = {};
      if (maxGradientValue !== null) gradients = clipByValue(gradients, maxGradientValue);
      if (maxGradientNorm !== null) {
        const clipped = clipByGlobalNorm(gradients, maxGradientNorm);
        gradients = clipped.gradients;
        terms = { gradientNorm: clipped.norm };
      }
      optimizer.step(gradients, learningRate!);
      tf.dispose(gradients);
      average?.update(averageDecay!);
      return terms;
    },
  };
}
