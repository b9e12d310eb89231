import { fit, orDispose, RandomStream, restored, type StateDict, type TensorRunContext } from '@motley/core';
import type { TrainingResult } from '@motley/run';
import type { MaskDetectionConfig } from './config.ts';
import { pointBatches, type MaskDetectionData } from './data.ts';
import { evaluate } from './evaluate.ts';
import { classificationLoss } from './loss.ts';
import { MaskDetectionModel } from './model.ts';

/** A model with the initial weights of its seed. */
export function createModel({ model, training }: Pick<MaskDetectionConfig, 'model' | 'training'>): MaskDetectionModel {
  return new MaskDetectionModel(model, RandomStream.fromSeed(training.seed).fork('weights'));
}

/** A model with the weights of a checkpoint, ready for evaluation. The caller disposes of it. */
export function restoreModel(config: MaskDetectionConfig, weights: StateDict): MaskDetectionModel {
  return restored(createModel(config), weights);
}

/**
 * Trains a model, and measures its best weights on the test points. The caller disposes of the model.
 * @throws what `fit` throws; the model is then freed
 */
export async function train(
  { model: modelConfig, training }: MaskDetectionConfig,
  data: MaskDetectionData,
  context: TensorRunContext = {},
): Promise<{ readonly model: MaskDetectionModel; readonly result: TrainingResult }> {
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
