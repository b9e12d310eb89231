import { fit, RandomStream, type TensorRunContext } from '@motley/core';
import type { TrainingResult } from '@motley/run';
import type { BranchingConfig } from './config.ts';
import { imageShapeOf, treeBatches, type BranchingData } from './data.ts';
import { evaluate, measure } from './evaluate.ts';
import { treeLoss } from './loss.ts';
import { BranchingCnn } from './model.ts';
import { labelTree } from './trees.ts';

/**
 * A model of the configuration's kind, with the initial weights of its seed.
 * @throws UserError where the tree does not fit the data, or the network the image
 */
export function createModel({ model, data, training }: BranchingConfig): BranchingCnn {
  const random = RandomStream.fromSeed(training.seed).fork('weights');
  return new BranchingCnn(model, labelTree(data.kind, data.groups), imageShapeOf(data), random);
}

/**
 * Trains a network end to end, each image through the branch of its true group, and measures the best of its weights on
 * the test images, where the router decides. The caller disposes of the model.
 * @throws what `fit` throws; the model is then freed
 */
export async function train(
  config: BranchingConfig,
  data: BranchingData,
  surroundings: TensorRunContext = {},
): Promise<{ readonly model: BranchingCnn; readonly result: TrainingResult }> {
  const { training } = config;
  const { shift, flip } = config.data;
  const model = createModel(config);
  const random = RandomStream.fromSeed(training.seed).fork('order');
  try {
    const result = await fit({
      ...surroundings,
      ...training,
      model,
      trainingBatches: treeBatches(data.training, data, { batchSize: training.batchSize, random, shift, flip }),
      loss: (batch) => treeLoss(model.forward(batch.images, batch.groups), batch, config.loss),
      validate: (limits) => measure(model, data.validation, config, limits),
      test: () => evaluate(model, data.test, config),
    });
    return { model, result };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
