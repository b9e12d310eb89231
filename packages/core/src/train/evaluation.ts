import { TermSums, yieldToEventLoop, type BatchSource, type EvaluationLimits } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { examplesOf, type Batch } from '../data/batches.ts';
import { LossWindow } from './loss-window.ts';
import type { StepTerms } from './step.ts';

/** Batches between two reads from the device. */
const BATCHES_PER_READ = 32;

/**
 * Means of loss terms over one epoch, each batch weighted by its number of examples.
 * @param termsOf scalars of one batch, means over its examples; runs inside `tf.tidy`
 */
export async function meanTerms<Item extends Batch>(
  source: BatchSource<Item>,
  termsOf: (batch: Item) => StepTerms,
  { maxBatches = Infinity }: EvaluationLimits = {},
): Promise<Record<string, number>> {
  const window = new LossWindow();
  const sums = new TermSums();
  const read = async (): Promise<void> => {
    for (const { examples, terms } of await window.read()) sums.add(terms, examples);
  };
  try {
    let count = 0;
    for await (const batch of source.batches(0)) {
      const terms = tf.tidy(() => termsOf(batch));
      window.add({ step: count, examples: [examplesOf(batch)], terms });
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
