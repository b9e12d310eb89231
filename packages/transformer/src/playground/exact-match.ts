import { type RandomStream, softmaxCrossEntropy } from '@motley/core';
import { yieldToEventLoop } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { framed } from '../batches.ts';
import type { Frame } from '../decoding/beam-search.ts';
import type { Transformer } from '../model.ts';
import { partOf, type Example, type Task } from './tasks.ts';

/** How well questions of one length are answered. */
export interface LengthResult {
  /** Of the question, in letters or digits. */
  readonly length: number;
  /** Nats per symbol of the answer, its end among them. */
  readonly loss: number;
  /** Share of the answers that are right from beginning to end. */
  readonly exact: number;
}

/** Held-out questions of a length: the same ones for whoever answers. */
export function heldOutExamples(task: Task, length: number, count: number, random: RandomStream): Example[] {
  const own = random.fork(length);
  const heldOut = partOf(task, 'held-out');
  return Array.from({ length: count }, () => heldOut.example(own, length));
}

/**
 * Questions of one length, answered greedily. An answer is right if and only if each of its symbols is the likeliest
 * after those before it, so that one pass over the right answers tells what decoding them would.
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
    const isExact = tf.all(tf.equal(tf.argMax(logits, -1), target), -1); // [B]
    return { loss: softmaxCrossEntropy(logits, target), exact: tf.mean<tf.Tensor>(tf.cast(isExact, 'float32')) };
  });
  const [[lossValue], [exactValue]] = [await loss.data<'float32'>(), await exact.data<'float32'>()];
  tf.dispose([loss, exact]);
  await yieldToEventLoop();
  return { loss: lossValue!, exact: exactValue! };
}
