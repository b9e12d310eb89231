import type { RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Vae } from './model.ts';

/** Images of latents drawn from the prior N(0, I): pixel probabilities [count, 784]. */
export function samplePrior(model: Vae, count: number, random: RandomStream): tf.Tensor {
  return tf.tidy(() => tf.sigmoid(model.decode(random.normal([count, model.latentSize]))));
}

/**
 * Images over a grid of latents along two axes, evenly in the prior's probability (Kingma & Welling, 2014, figure 4):
 * Φ⁻¹ of the middles of equal parts of (0, 1), the second axis upwards; the other latents are 0. [side², 784].
 */
export function sampleManifold(model: Vae, side: number, axes: readonly [number, number] = [0, 1]): tf.Tensor {
  const steps = Array.from({ length: side }, (_, index) => normalQuantile((index + 0.5) / side));
  const latents = new Float32Array(side * side * model.latentSize);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const offset = (row * side + column) * model.latentSize;
      latents[offset + axes[0]] = steps[column]!;
      latents[offset + axes[1]] = steps[side - 1 - row]!;
    }
  return tf.tidy(() => tf.sigmoid(model.decode(tf.tensor2d(latents, [side * side, model.latentSize]))));
}

/** Φ⁻¹(p) to seven digits, for 0 < p < 1 (Wichura, algorithm AS 241, PPND7, 1988). */
export function normalQuantile(probability: number): number {
  const q = probability - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q * polynomial(r, [3.3871327179, 50.434271938, 159.29113202, 59.10937472])) /
      polynomial(r, [1, 17.895169469, 78.757757664, 67.1875636])
    );
  }
  const r = Math.sqrt(-Math.log(q < 0 ? probability : 1 - probability));
  const tail =
    r <= 5
      ? polynomial(r - 1.6, [1.4234372777, 2.75681539, 1.3067284816, 0.17023821103]) /
        polynomial(r - 1.6, [1, 0.7370016425, 0.12021132975])
      : polynomial(r - 5, [6.657905115, 3.081226386, 0.42868294337, 0.017337203997]) /
        polynomial(r - 5, [1, 0.24197894225, 0.012258202635]);
  return q < 0 ? -tail : tail;
}

/** c₀ + c₁ x + c₂ x² + … */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}
