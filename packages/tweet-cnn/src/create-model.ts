import { RandomStream, restored, type StateDict } from '@motley/core';
import type { TweetCnnConfig } from './config.ts';
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
