import { fit, orDispose, RandomStream, type TensorRunContext } from '@motley/core';
import { decodeArrays, UserError, type TrainingResult } from '@motley/run';
import { StreamLearner } from './carried-state.ts';
import type { CharRnnConfig } from './config.ts';
import { createModel, NETWORK } from './create-model.ts';
import { TextStreams, type TextData } from './data.ts';
import { measure } from './evaluate.ts';
import type { CharLstm } from './model.ts';

/**
 * Trains a network on the training part of a text. The caller disposes of the model.
 * @throws UserError if `resume` has another vocabulary; as `fit`. The model is then disposed of.
 */
export async function train(
  config: CharRnnConfig,
  data: TextData,
  context: TensorRunContext = {},
): Promise<{ readonly model: CharLstm; readonly result: TrainingResult }> {
  const { training } = config;
  const { batchSize, seed } = training;
  if (context.resume !== undefined) requireVocabulary(context.resume.weights, data.vocabulary);
  const random = RandomStream.fromSeed(seed).fork('order');
  const trainingBatches = new TextStreams(data.training, { batchSize, random, windowLength: config.data.windowLength });
  const model = createModel(config, data.vocabulary);
  const learner = new StreamLearner(model, batchSize);
  try {
    return await orDispose(model, async () => {
      const result = await fit({
        ...context,
        ...training,
        model: learner,
        trainingBatches,
        loss: (batch, { random: noise }) => learner.learn(batch, noise),
        validate: () => measure(model, data),
      });
      return { model, result };
    });
  } finally {
    learner.disposeState();
  }
}

/** @throws UserError if the checkpoint's vocabulary differs from that of the text */
function requireVocabulary(weights: Uint8Array, vocabulary: Int32Array): void {
  const found = decodeArrays(weights, 'checkpoint')[`${NETWORK}vocabulary`]?.values;
  if (found?.join() !== vocabulary.join())
    throw new UserError(
      `checkpoint: expected the ${vocabulary.length} symbols of the text, found ${found?.length ?? 'none'} of another text`,
    );
}
