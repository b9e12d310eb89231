import type { DatasetBatches } from '@motley/core';
import { workerBatches, type WorkerBatchSource } from '@motley/core/node';
import type * as tf from '@tensorflow/tfjs-core';
import { LETTERS } from './alphabet.ts';
import type { LasSpeechConfig } from './config.ts';
import { speechBatches, type SpeechField, type StreamOptions } from './stream.ts';
import { openCorpus, type Corpus } from './synthesis/corpus.ts';
import { openFlite } from './synthesis/flite.ts';
import { openSynthesizer } from './synthesis/open.ts';
import { corpusDefaults, planCorpus, type SetName } from './synthesis/plan.ts';
import { loadTextSources } from './synthesis/sources.ts';
import { synthesize } from './synthesis/synthesize.ts';

export type SpeechBatch = Readonly<Record<SpeechField, tf.Tensor>>;

/** Fixed, so that metrics do not depend on the training's batch size. */
const EVALUATION_BATCH_SIZE = 50;
const EVALUATION_BUCKETS = 3;

/** Utterances of a run. */
export interface Speech {
  readonly corpus: Corpus;
}

/**
 * Opens the utterances of a configuration, and synthesizes them where they are not in the cache yet.
 * @param report takes lines about size and progress
 */
export async function openSpeech(
  { data }: Pick<LasSpeechConfig, 'data'>,
  report?: (line: string) => void,
): Promise<Speech> {
  const main = await openSynthesizer(data.synthesizer, data.language);
  const other = main.name === 'flite' ? undefined : await openFlite();
  const { utterances: training, heldOut } = data;
  const texts = { ...corpusDefaults.texts, training, validation: Math.ceil(0.75 * heldOut), test: heldOut, unseenWords: heldOut };
  try {
    const plan = planCorpus(await loadTextSources(), main, other, { ...corpusDefaults, seed: data.seed, texts });
    const synthesizers = other === undefined ? [main] : [main, other];
    const options = { language: data.language, ...(report && { report }) };
    return { corpus: openCorpus(await synthesize(plan.utterances, synthesizers, options)) };
  } finally {
    await Promise.all([main.close(), other?.close()]);
  }
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
