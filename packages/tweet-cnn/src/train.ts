import { fit, orDispose, RandomStream, type TensorRunContext } from '@motley/core';
import type { TrainingResult } from '@motley/run';
import type { TweetCnnConfig } from './config.ts';
import { createModel } from './create-model.ts';
import { evaluate, measure } from './evaluate.ts';
import { type TextData, trainingBatches } from './labeled-texts.ts';
import { classificationLoss } from './loss.ts';
import type { TextCnn } from './model.ts';

/**
 * Trains a model, and measures its best weights on the test texts. The caller disposes of the model.
 * @throws what `fit` throws; the model is then freed
 */
export async function train(
  config: TweetCnnConfig,
  data: TextData,
  context: TensorRunContext = {},
): Promise<{ readonly model: TextCnn; readonly result: TrainingResult }> {
  const { training } = config;
  const model = createModel(config, data.labels, data.vectors);
  return orDispose(model, async () => {
    const result = await fit({
      ...context,
      ...training,
      model,
      trainingBatches: trainingBatches(data, training.batchSize, RandomStream.fromSeed(training.seed).fork('order')),
      loss: ({ symbols, labels }, { random }) => classificationLoss(model.forward(symbols, random), labels),
      validate: (limits) => measure(model, data.validation, limits),
      test: () => evaluate(model, data, data.test),
    });
    return { model, result };
  });
}
