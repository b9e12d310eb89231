import { TermSums, yieldToEventLoop, type BatchSource, type EvaluationLimits } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { examplesOf, type Batch, type WeightOf } from '../data/batches.ts';
import { LossWindow } from './loss-window.ts';
import type { StepTerms } from './step.ts';

/** Batches between two reads from the device. */
const BATCHES_PER_READ = 32;

export interface MeanTermsOptions<Item extends Batch> extends EvaluationLimits {
  /** Number of what the terms of a batch are means over, such as symbols that are not padding. Default: examples. */
  readonly weightOf?: WeightOf<Item>;
}

/**
 * Means of loss terms over one epoch, each batch weighted by `weightOf`.
 * @param termsOf scalars of one batch, means over what `weightOf` counts; runs inside `tf.tidy`
 */
export async function meanTerms<Item extends Batch>(
  source: BatchSource<Item>,
  termsOf: (batch: Item) => StepTerms,
  { maxBatches = Infinity, weightOf }: MeanTermsOptions<Item> = {},
): Promise<Record<string, number>> {
  const window = new LossWindow();
  const sums = new TermSums();
  const read = async (): Promise<void> => {
    for (const { weight, terms } of await window.read()) sums.add(terms, weight);
  };
  try {
    let count = 0;
    for await (const batch of source.batches(0)) {
      const terms = tf.tidy(() => termsOf(batch));
      const weights = weightOf === undefined ? [examplesOf(batch)] : tf.tidy(() => tf.cast(weightOf(batch), 'float32'));
      window.add({ step: count, weights, terms });
      tf.dispose(batch);
      count++;
      if (window.size === BATCHES_PER_READ) {
        await read();
        await yieldToEventLoop();
      }
      if (count >= maxBatches) break;
    }
    await read();
  } finally {
    window.dispose();
  }
  return sums.means;
}
