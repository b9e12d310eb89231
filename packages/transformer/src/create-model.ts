import { RandomStream, restored, type StateDict } from '@motley/core';
import type { Tokenizer } from '@motley/core/text';
import type { TransformerConfig } from './config.ts';
import { Transformer } from './model.ts';
import { playground, PLAYGROUND_NAMES, type PlaygroundName } from './playground/index.ts';
import { characterVocabulary, mergesOf, vocabularyOfCheckpoint } from './vocabulary.ts';

export function isPlayground(source: TransformerConfig['data']['source']): source is PlaygroundName {
  return (PLAYGROUND_NAMES as readonly string[]).includes(source);
}

/** Tokenizer of a checkpoint, without its data. */
export async function tokenizerOfCheckpoint(
  { data: { source } }: Pick<TransformerConfig, 'data'>,
  weights: StateDict,
): Promise<Tokenizer> {
  return isPlayground(source) ? characterVocabulary(playground(source).symbols) : vocabularyOfCheckpoint(weights);
}

/** Untrained network for a tokenizer, with the initial weights of its seed. */
export function createModel(
  { model, training }: Pick<TransformerConfig, 'model' | 'training'>,
  tokenizer: Tokenizer,
): Transformer {
  const random = RandomStream.fromSeed(training.seed).fork('weights');
  return new Transformer({ ...model, vocabulary: tokenizer.vocabularySize }, random, mergesOf(tokenizer));
}

/** Network of a checkpoint, in evaluation mode. The caller disposes of it. */
export function restoreModel(
  config: Pick<TransformerConfig, 'model' | 'training'>,
  tokenizer: Tokenizer,
  weights: StateDict,
): Transformer {
  return restored(createModel(config, tokenizer), weights);
}
