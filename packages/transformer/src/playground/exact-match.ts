import { isCorrect, type RandomStream, softmaxCrossEntropy } from '@motley/core';
import { yieldToEventLoop } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { framed } from '../batches.ts';
import type { Frame } from '../decoding/beam-search.ts';
import type { Transformer } from '../model.ts';
import { partOf, type Example, type Task } from './tasks.ts';

/** Accuracy for questions of one length. */
export interface LengthResult {
  /** Length of the question, in letters or digits. */
  readonly length: number;
  /** Cross-entropy of the answer with its end symbol, in nats per symbol. */
  readonly loss: number;
  /** Fraction of answers without a wrong symbol. */
  readonly exact: number;
}

/** Held-out questions of one length; the same for every model. */
export function heldOutExamples(task: Task, length: number, count: number, random: RandomStream): Example[] {
  const own = random.fork(length);
  const heldOut = partOf(task, 'held-out');
  return Array.from({ length: count }, () => heldOut.example(own, length));
}

/**
 * Accuracy of greedy decoding for questions of one length. The greedy answer is right if and only if every symbol is the
 * most probable one after the correct prefix, so one pass with teacher forcing suffices.
 */
export async function exactMatch(
  model: Transformer,
  examples: readonly Example[],
  frame: Frame,
): Promise<Pick<LengthResult, 'loss' | 'exact'>> {
  const { loss, exact } = tf.tidy(() => {
    const rows = examples.map((example) => framed(example, frame));
    const symbols = (side: 'source' | 'input' | 'target'): tf.Tensor =>
      tf.tensor2d(
        rows.map((row) => row[side]),
        undefined,
        'int32',
      );
    const target = symbols('target'); // [B, T]
    const logits = model.forward(symbols('source'), symbols('input')); // [B, T, V]
    const isExact = tf.all(isCorrect(logits, target), -1); // [B]
    return { loss: softmaxCrossEntropy(logits, target), exact: tf.mean<tf.Tensor>(tf.cast(isExact, 'float32')) };
  });
  const [[lossValue], [exactValue]] = [await loss.data<'float32'>(), await exact.data<'float32'>()];
  tf.dispose([loss, exact]);
  await yieldToEventLoop();
  return { loss: lossValue!, exact: exactValue! };
}
