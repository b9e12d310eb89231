import type { Values } from './matrices.ts';

/**
 * Mean cross-entropy in nats per symbol: L = -1/N Σᵢ ln p[i, target i], p = softmax y.
 * Overwrites the logits with their gradient, times N · `scale`: (p - one-hot) · `scale`.
 *
 * @param values logits y [N, V]
 * @param targets [N]
 */
export function crossEntropy(values: Values, targets: Int32Array, scale = 1): number {
  const columns = values.length / targets.length;
  let sum = 0;
  for (let row = 0; row < targets.length; row++) {
    const start = row * columns;
    const end = start + columns;
    const target = start + targets[row]!;
    let highest = -Infinity;
    for (let at = start; at < end; at++) if (values[at]! > highest) highest = values[at]!;
    const ofTarget = values[target]! - highest;
    let total = 0;
    for (let at = start; at < end; at++) total += values[at] = Math.exp(values[at]! - highest);
    sum += Math.log(total) - ofTarget;
    const share = scale / total;
    for (let at = start; at < end; at++) values[at]! *= share;
    values[target]! -= scale;
  }
  return sum / targets.length;
}
