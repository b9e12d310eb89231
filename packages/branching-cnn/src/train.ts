import { fit, orDispose, RandomStream, type TensorRunContext } from '@motley/core';
import type { TrainingResult } from '@motley/run';
import type { BranchingConfig } from './config.ts';
import { treeBatches, type BranchingData } from './data.ts';
import { evaluate, measure } from './evaluate.ts';
import { treeLoss } from './loss.ts';
import { BranchingCnn, imageShapeOf } from './model.ts';
import { labelTree } from './trees.ts';

/**
 * Creates the configured model, with the initial weights of the seed.
 * @throws UserError if the tree does not fit the data, or the network does not fit the image
 */
export function createModel({ model, data, training }: BranchingConfig): BranchingCnn {
  const random = RandomStream.fromSeed(training.seed).fork('weights');
  return new BranchingCnn(model, labelTree(data.kind, data.groups), imageShapeOf(data), random);
}

/**
 * Trains a network end to end, each image in the branch of its true group. Evaluates the weights with the lowest
 * validation loss on the test images, where the router chooses the branch. The caller disposes of the model.
 * @throws the errors of `fit`; the model is then disposed of
 */
export async function train(
  config: BranchingConfig,
  data: BranchingData,
  context: TensorRunContext = {},
): Promise<{ readonly model: BranchingCnn; readonly result: TrainingResult }> {
  const { training } = config;
  const { shift, flip } = config.data;
  const model = createModel(config);
  const random = RandomStream.fromSeed(training.seed).fork('order');
  return orDispose(model, async () => {
    const result = await fit({
      ...context,
      ...training,
      model,
      trainingBatches: treeBatches(data.training, data, { batchSize: training.batchSize, random, shift, flip }),
      loss: (batch) => treeLoss(model.forward(batch.images, batch.groups), batch, config.loss),
      validate: (limits) => measure(model, data.validation, config, limits),
      test: () => evaluate(model, data.test, config),
    });
    return { model, result };
  });
}
