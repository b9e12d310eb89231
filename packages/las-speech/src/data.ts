import type { DatasetBatches } from '@motley/core';
import { workerBatches, type WorkerBatchSource } from '@motley/core/node';
import type * as tf from '@tensorflow/tfjs-core';
import { LETTERS } from './alphabet.ts';
import type { LasSpeechConfig } from './config.ts';
import { speechBatches, type SpeechField, type StreamOptions } from './stream.ts';
import type { Corpus } from './synthesis/corpus.ts';
import type { SetName } from './synthesis/plan.ts';

export type SpeechBatch = Readonly<Record<SpeechField, tf.Tensor>>;

/** Fixed, so that metrics do not depend on the training's batch size. */
const EVALUATION_BATCH_SIZE = 50;
const EVALUATION_BUCKETS = 3;

/** Utterances of a run. */
export interface Speech {
  readonly corpus: Corpus;
}

/** Opens the training's batches, which worker threads make. The caller disposes of them. */
export function openTrainingBatches(
  config: LasSpeechConfig,
  { corpus }: Speech,
): Promise<WorkerBatchSource<SpeechField>> {
  const { data, features, augmentation, training } = config;
  const options: StreamOptions = {
    corpus: corpus.description,
    indices: corpus.indicesOf('training'),
    letters: LETTERS[data.language],
    features,
    batchSize: training.batchSize,
    buckets: data.buckets,
    training: { augmentation, seed: training.seed },
  };
  const module = new URL(import.meta.url.endsWith('.ts') ? './stream.ts' : './stream.js', import.meta.url);
  return workerBatches({ module, factory: 'speechBatches', options }, { workers: data.workers });
}

/** Batches of a held-out set, in the order of their lengths' buckets. */
export function evaluationBatches(
  { data, features }: Pick<LasSpeechConfig, 'data' | 'features'>,
  { corpus }: Speech,
  set: SetName,
): DatasetBatches<SpeechField> {
  return speechBatches({
    corpus: corpus.description,
    indices: corpus.indicesOf(set),
    letters: LETTERS[data.language],
    features,
    batchSize: EVALUATION_BATCH_SIZE,
    buckets: EVALUATION_BUCKETS,
  });
}
