import { RandomStream, restored, type StateDict } from '@motley/core';
import { UserError } from '@motley/run';
import type { CharRnnConfig } from './config.ts';
import { CharLstm } from './model.ts';

/** Prefix of the network's weights in a checkpoint. */
export const NETWORK = 'network.';

/** Untrained network for a vocabulary, with the initial weights of its seed. */
export function createModel(
  { model, training }: Pick<CharRnnConfig, 'model' | 'training'>,
  vocabulary: ArrayLike<number>,
): CharLstm {
  return new CharLstm(model, vocabulary, RandomStream.fromSeed(training.seed).fork('weights'));
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
