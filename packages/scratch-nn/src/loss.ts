import { NdArray } from './array.ts';
import { zip } from './elementwise.ts';
import { softmax } from './layers/activation.ts';

/** Mean loss of a batch and its gradient. */
interface LossValue {
  readonly loss: number;
  /** ∂loss/∂outputs [B, N] */
  readonly gradient: NdArray;
}

/** @param outputs [B, N] @param targets [B, N] */
export type Loss = (outputs: NdArray, targets: NdArray) => LossValue;

export const LOSSES = ['crossEntropy', 'meanSquaredError'] as const;

/** L = 1/(B N) Σ (y − t)². */
export const meanSquaredError: Loss = (outputs, targets) => {
  const differences = zip(outputs, targets, (output, target) => output - target);
  const count = differences.size;
  let sum = 0;
  for (const difference of differences.values) sum += difference ** 2;
  return { loss: sum / count, gradient: zip(outputs, targets, (output, target) => (2 * (output - target)) / count) };
};

/**
 * L = −1/B Σ t log softmax(x) for logits x. ∂L/∂x = (softmax(x) Σ t − t) / B, which avoids a division by a small
 * probability.
 */
export const softmaxCrossEntropy: Loss = (logits, targets) => {
  const [batch, classes] = logits.shape as [number, number];
  const values = logits.contiguous();
  const gradient = softmax(logits);
  let sum = 0;
  for (let row = 0; row < batch; row++) {
    const start = row * classes;
    let largest = -Infinity;
    for (let index = start; index < start + classes; index++) largest = Math.max(largest, values[index]!);
    let total = 0;
    let weight = 0;
    for (let index = start; index < start + classes; index++) {
      total += Math.exp(values[index]! - largest);
      weight += targets.values[index]!;
    }
    for (let index = start; index < start + classes; index++) {
      const target = targets.values[index]!;
      sum -= target * (values[index]! - largest - Math.log(total));
      gradient.values[index] = (gradient.values[index]! * weight - target) / batch;
    }
  }
  return { loss: sum / batch, gradient };
};

export const REGULARIZERS = ['none', 'l1', 'l2'] as const;
type RegularizerName = (typeof REGULARIZERS)[number];

/** L1 penalty λ Σ |w| or L2 penalty λ/2 Σ w². Adds its derivative to `gradient`. @returns the penalty */
export function regularize(name: RegularizerName, strength: number, weight: NdArray, gradient: NdArray): number {
  if (name === 'none') return 0;
  let penalty = 0;
  for (const [index, value] of weight.values.entries()) {
    penalty += name === 'l1' ? Math.abs(value) : value ** 2 / 2;
    gradient.values[index]! += strength * (name === 'l1' ? Math.sign(value) : value);
  }
  return strength * penalty;
}
