import * as tf from '@tensorflow/tfjs-core';
import { isOnHost } from '../indices.ts';
import type { CtcExamples } from './recursions.ts';

export interface CtcArguments {
  readonly logits: tf.Tensor; // [B, T, V]
  readonly logitLengths: tf.Tensor; // int32 [B]
  readonly labels: tf.Tensor; // int32 [B, L]
  readonly labelLengths: tf.Tensor; // int32 [B]
  readonly blank: number;
}

/**
 * Removes what lies beyond the lengths.
 * @returns `isValid`, bool [B]: whether lengths and labels are in their ranges; undefined on CPUs, where it holds
 * @throws Error naming tensors whose shapes or dtypes do not fit
 * @throws RangeError naming a blank, or on CPUs a length or a label, outside its range
 */
export function ctcExamples(given: CtcArguments): { readonly examples: CtcExamples; readonly isValid?: tf.Tensor } {
  checkShapes(given);
  const { logits, logitLengths, labelLengths, blank } = given;
  const [, time, classes] = logits.shape as [number, number, number];
  const count = given.labels.shape[1]!;
  const isLabel = within(labelLengths, count); // [B, L]
  const present = within(logitLengths, time); // [B, T]
  const labels = tf.where(isLabel, given.labels, tf.fill(given.labels.shape, blank, 'int32'));
  const cleaned = tf.where(tf.expandDims(present, 2), logits, tf.zerosLike(logits));
  if (isOnHost()) {
    requireLengths(logitLengths, time, 'logitLengths');
    requireLengths(labelLengths, count, 'labelLengths');
    requireLabels(labels, labelLengths, classes, blank);
    return { examples: { logits: cleaned, present, labels, labelLengths, blank } };
  }
  const isClass = tf.logicalAnd(isIn(labels, classes - 1), tf.notEqual(labels, tf.scalar(blank, 'int32')));
  const areLabels = tf.all(tf.logicalOr(isClass, tf.logicalNot(isLabel)), 1); // [B]
  const areLengths = tf.logicalAnd(isIn(logitLengths, time), isIn(labelLengths, count));
  // A kernel must not look up a label outside the classes.
  const known = tf.where(isClass, labels, tf.fill(labels.shape, blank, 'int32'));
  const examples = { logits: cleaned, present, labels: known, labelLengths, blank };
  return { examples, isValid: tf.logicalAnd(areLabels, areLengths) };
}

/** Whether positions lie within lengths [B]: bool [B, size]. */
export function within(lengths: tf.Tensor, size: number): tf.Tensor {
  return tf.less(tf.range(0, size, 1, 'int32'), tf.expandDims(lengths, 1));
}

function isIn(values: tf.Tensor, largest: number): tf.Tensor {
  const isHigh = tf.lessEqual(values, tf.scalar(largest, 'int32'));
  return tf.logicalAnd(tf.greaterEqual(values, tf.scalar(0, 'int32')), isHigh);
}

function checkShapes({ logits, logitLengths, labels, labelLengths, blank }: CtcArguments): void {
  for (const [name, { dtype }] of Object.entries({ logitLengths, labels, labelLengths }))
    if (dtype !== 'int32') throw new Error(`ctcLoss: expected int32 ${name}, got ${dtype}`);
  const [batch] = logits.shape;
  const fits = [logitLengths, labelLengths].every(({ rank, shape }) => rank === 1 && shape[0] === batch);
  if (logits.rank !== 3 || labels.rank !== 2 || labels.shape[0] !== batch || !fits) {
    const [x, lengths, y, counts] = [logits, logitLengths, labels, labelLengths].map(
      ({ shape }) => `[${shape.join(', ')}]`,
    );
    throw new Error(
      'ctcLoss: expected logits [B, T, V], logitLengths [B], labels [B, L] and labelLengths [B], ' +
        `got ${x!}, ${lengths!}, ${y!} and ${counts!}`,
    );
  }
  requireBlank(blank, logits.shape[2]!, 'ctcLoss');
}

/** @throws RangeError naming a blank outside the classes */
export function requireBlank(blank: number, classes: number, who: string): void {
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes)
    throw new RangeError(`${who}: expected a blank in [0, ${classes}), got ${blank}`);
}

function requireLengths(lengths: tf.Tensor, largest: number, name: string): void {
  const wrong = lengths.dataSync<'int32'>().find((length) => length < 0 || length > largest);
  if (wrong !== undefined) throw new RangeError(`ctcLoss: expected ${name} in [0, ${largest}], got ${wrong}`);
}

function requireLabels(labels: tf.Tensor, lengths: tf.Tensor, classes: number, blank: number): void {
  const [batch, count] = labels.shape as [number, number];
  const [values, valid] = [labels.dataSync<'int32'>(), lengths.dataSync<'int32'>()];
  for (let row = 0; row < batch; row++) {
    const ofRow = values.subarray(row * count, row * count + valid[row]!);
    const wrong = ofRow.find((label) => label < 0 || label >= classes || label === blank);
    if (wrong !== undefined)
      throw new RangeError(`ctcLoss: expected labels in [0, ${classes}) other than the blank ${blank}, got ${wrong}`);
  }
}
