import { fit, orDispose, RandomStream, restored, type StateDict, type TensorRunContext } from '@motley/core';
import type { TrainingResult } from '@motley/run';
import type { TweetCnnConfig } from './config.ts';
import { evaluate, measure } from './evaluate.ts';
import { type TextData, trainingBatches } from './labeled-texts.ts';
import { classificationLoss } from './loss.ts';
import { TextCnn } from './model.ts';
import { labelsOfCheckpoint, type Labels } from './vocabulary.ts';

/**
 * A model with the initial weights of its seed.
 * @param vectors initial word vectors [V, D], where they are given
 */
export function createModel(
  { model, training }: Pick<TweetCnnConfig, 'model' | 'training'>,
  labels: Labels,
  vectors?: Float32Array,
): TextCnn {
  return new TextCnn(model, labels, RandomStream.fromSeed(training.seed).fork('weights'), vectors);
}

/**
 * A model with the weights of a checkpoint, ready for evaluation. The caller disposes of it.
 * @throws UserError where the checkpoint has no vocabulary
 */
export async function restoreModel(config: TweetCnnConfig, weights: StateDict): Promise<TextCnn> {
  return restored(createModel(config, await labelsOfCheckpoint(weights)), weights);
}

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
