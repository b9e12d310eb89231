import { RandomStream, restored, type StateDict } from '@motley/core';
import { Alphabet } from './alphabet.ts';
import type { LasSpeechConfig } from './config.ts';
import { featureWidth } from './features.ts';
import { ListenAttendSpell } from './model.ts';

/** A model with the initial weights of its seed. */
export function createModel({
  data,
  features,
  model,
  training,
}: Pick<LasSpeechConfig, 'data' | 'features' | 'model' | 'training'>): ListenAttendSpell {
  const sizes = { features: featureWidth(features), alphabetSize: Alphabet.of(data.language).size };
  return new ListenAttendSpell({ ...model, ...sizes }, RandomStream.fromSeed(training.seed).fork('weights'));
}

/** A model with the weights of a checkpoint, ready for evaluation. The caller disposes of it. */
export function restoreModel(config: LasSpeechConfig, weights: StateDict): ListenAttendSpell {
  return restored(createModel(config), weights);
}
