import type { DatasetBatches } from '@motley/core';
import { workerBatches, type WorkerBatchSource } from '@motley/core/node';
import type * as tf from '@tensorflow/tfjs-core';
import { LETTERS } from './alphabet.ts';
import type { LasSpeechConfig } from './config.ts';
import { speechBatches, type SoundChange, type SpeechField, type StreamOptions } from './stream.ts';
import type { SpeechPart } from './utterances.ts';

export type SpeechBatch = Readonly<Record<SpeechField, tf.Tensor>>;

/** Utterances of a run, by part: all that is held out has a part of its own. */
export interface Speech {
  readonly training: SpeechPart;
  /** Chooses the best checkpoint. */
  readonly validation: SpeechPart;
  /** Test sets by name: `unseenVoices`. */
  readonly tests: Readonly<Record<string, SpeechPart>>;
  /** The words of the test set `isolatedWords`, said by voices of the training. */
  readonly wordTemplates?: SpeechPart;
}

/** Fixed, so that metrics do not depend on the training's batch size. */
const EVALUATION_BATCH_SIZE = 50;
const EVALUATION_BUCKETS = 3;

/** Opens the training's batches, which worker threads make. The caller disposes of them. */
export function openTrainingBatches(config: LasSpeechConfig, speech: Speech): Promise<WorkerBatchSource<SpeechField>> {
  const { data, features, augmentation, training } = config;
  const options: StreamOptions = {
    part: speech.training,
    letters: LETTERS[data.language],
    features,
    batchSize: training.batchSize,
    buckets: data.buckets,
    training: { augmentation, seed: training.seed },
  };
  const module = new URL(import.meta.url.endsWith('.ts') ? './stream.ts' : './stream.js', import.meta.url);
  return workerBatches({ module, factory: 'speechBatches', options }, { workers: data.workers });
}

/** Batches of a held-out part, in the order of their lengths' buckets. */
export function evaluationBatches(
  { data, features }: Pick<LasSpeechConfig, 'data' | 'features'>,
  part: SpeechPart,
  change?: SoundChange,
): DatasetBatches<SpeechField> {
  const [batchSize, buckets] = [EVALUATION_BATCH_SIZE, EVALUATION_BUCKETS];
  return speechBatches({ part, letters: LETTERS[data.language], features, batchSize, buckets }, change);
}
