import { fit, orDispose, RandomStream, restored, type StateDict, type TensorRunContext } from '@motley/core';
import type { TrainingResult } from '@motley/run';
import type { FaceVerificationConfig } from './config.ts';
import { pointBatches, type FaceVerificationData } from './data.ts';
import { evaluate } from './evaluate.ts';
import { classificationLoss } from './loss.ts';
import { FaceVerificationModel } from './model.ts';

/** A model with the initial weights of its seed. */
export function createModel({
  model,
  training,
}: Pick<FaceVerificationConfig, 'model' | 'training'>): FaceVerificationModel {
  return new FaceVerificationModel(model, RandomStream.fromSeed(training.seed).fork('weights'));
}

/** A model with the weights of a checkpoint, ready for evaluation. The caller disposes of it. */
export function restoreModel(config: FaceVerificationConfig, weights: StateDict): FaceVerificationModel {
  return restored(createModel(config), weights);
}

/**
 * Trains a model, and measures its best weights on the test points. The caller disposes of the model.
 * @throws what `fit` throws; the model is then freed
 */
export async function train(
  { model: modelConfig, training }: FaceVerificationConfig,
  data: FaceVerificationData,
  context: TensorRunContext = {},
): Promise<{ readonly model: FaceVerificationModel; readonly result: TrainingResult }> {
  const model = createModel({ model: modelConfig, training });
  return orDispose(model, async () => {
    const result = await fit({
      ...context,
      ...training,
      model,
      trainingBatches: pointBatches(
        data.training,
        training.batchSize,
        RandomStream.fromSeed(training.seed).fork('order'),
      ),
      loss: ({ positions, labels }) => classificationLoss(model.forward(positions), labels),
      validate: (limits) => evaluate(model, data.validation, limits),
      test: () => evaluate(model, data.test),
    });
    return { model, result };
  });
}
