import { fit, orDispose, RandomStream, restored, type StateDict, type TensorRunContext } from '@motley/core';
import { decodeArrays, UserError, type TrainingResult } from '@motley/run';
import { StreamLearner } from './carried-state.ts';
import type { CharRnnConfig } from './config.ts';
import { TextStreams, type TextData } from './data.ts';
import { measure } from './evaluate.ts';
import { CharLstm } from './model.ts';

/** Prefix of the network's weights in a checkpoint. */
const NETWORK = 'network.';

/** Untrained network for a vocabulary, with the initial weights of its seed. */
export function createModel(
  { model, training }: Pick<CharRnnConfig, 'model' | 'training'>,
  vocabulary: ArrayLike<number>,
): CharLstm {
  return new CharLstm(model, vocabulary, RandomStream.fromSeed(training.seed).fork('weights'));
}

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

/** Network of a checkpoint, in evaluation mode. The caller disposes of it. */
export async function restoreModel(
  config: Pick<CharRnnConfig, 'model' | 'training'>,
  weights: StateDict,
): Promise<CharLstm> {
  const networkWeights = Object.entries(weights).flatMap(([name, value]) =>
    name.startsWith(NETWORK) ? [[name.slice(NETWORK.length), value] as const] : [],
  );
  return restored(createModel(config, await vocabularyOfCheckpoint(weights)), Object.fromEntries(networkWeights));
}

/**
 * Vocabulary of a checkpoint.
 * @throws UserError if it has none
 */
export async function vocabularyOfCheckpoint(weights: StateDict): Promise<Int32Array> {
  const vocabulary = weights[`${NETWORK}vocabulary`];
  if (vocabulary?.rank !== 1 || vocabulary.dtype !== 'int32')
    throw new UserError(
      `checkpoint: expected the network's vocabulary, ${NETWORK}vocabulary, found ${vocabulary === undefined ? 'none' : `${vocabulary.dtype} [${vocabulary.shape.join(', ')}]`}`,
    );
  return vocabulary.data<'int32'>();
}

/** @throws UserError if the checkpoint's vocabulary differs from that of the text */
function requireVocabulary(weights: Uint8Array, vocabulary: Int32Array): void {
  const found = decodeArrays(weights, 'checkpoint')[`${NETWORK}vocabulary`]?.values;
  if (found?.join() !== vocabulary.join())
    throw new UserError(
      `checkpoint: expected the ${vocabulary.length} symbols of the text, found ${found?.length ?? 'none'} of another text`,
    );
}
