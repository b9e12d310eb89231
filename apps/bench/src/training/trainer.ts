import { valueAndGradients } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Batch, prepare, type StepModel, type TrainingStep } from './step.ts';

/** A function that updates the model on a batch and returns the loss, which the caller disposes of. */
export interface Trainer {
  readonly train: (batch: Batch) => tf.Tensor;
  readonly batches: readonly Batch[];
  readonly model: StepModel;
}

/** Model and optimizer of a step on the current backend. */
export function createTrainer(step: TrainingStep): Trainer {
  const { model, batches } = prepare(step);
  const parameters = model.namedParameters();
  const optimizer = step.createOptimizer(parameters);
  const train = (batch: Batch): tf.Tensor =>
    tf.tidy(() => {
      const { terms, gradients } = valueAndGradients(() => ({ loss: model.loss(batch) }), parameters);
      optimizer.step(gradients, step.learningRate);
      return terms.loss;
    });
  return { train, batches, model };
}
