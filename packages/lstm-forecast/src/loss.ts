import * as tf from '@tensorflow/tfjs-core';
import type { Forecast } from './model.ts';

/** 1/N Σ (ŷ - y)²: [B, T] both → a scalar in squares of the scaled unit; 0 without steps. */
export function meanSquaredError(forecast: tf.Tensor, actual: tf.Tensor): tf.Tensor {
  return forecast.size === 0 ? tf.scalar(0) : tf.losses.meanSquaredError(actual, forecast);
}

/**
 * Pinball loss: 1/(N Q) Σₖ max(τₖ e, (τₖ - 1) e) with e = y - qₖ. The quantiles minimize it (Koenker & Bassett,
 * "Regression quantiles", 1978). Quantiles [B, H, Q] at the levels τ [Q], actual [B, H] → a scalar.
 */
export function pinballLoss(quantiles: tf.Tensor, actual: tf.Tensor, levels: readonly number[]): tf.Tensor {
  return tf.tidy(() => {
    const error = tf.sub(tf.expandDims(actual, 2), quantiles);
    const tau = tf.tensor1d([...levels]);
    return tf.mean(tf.maximum(tf.mul(tau, error), tf.mul(tf.sub(tau, 1), error)));
  });
}

export interface ForecastWeights {
  readonly oneStepWeight: number;
  readonly quantileWeight: number;
}

/** Scalars in the scaled unit or its square. */
export interface ForecastLoss extends Readonly<Record<string, tf.Tensor>> {
  /** meanSquaredError + quantileWeight pinball + oneStepWeight oneStep */
  readonly loss: tf.Tensor;
  readonly meanSquaredError: tf.Tensor;
}

/**
 * Training loss of forecasts that start at step s. `targets` [B, W + H - 1] are the values at the steps
 * s - W + 1 … s + H - 1: those within the window, then those of the horizon.
 */
export function forecastLoss(
  { oneStep, mean, quantiles }: Forecast,
  targets: tf.Tensor,
  levels: readonly number[],
  { oneStepWeight, quantileWeight }: ForecastWeights,
): ForecastLoss {
  return tf.tidy(() => {
    const horizon = mean.shape[1]!;
    const steps = targets.shape[1]!;
    const actual = tf.slice(targets, [0, steps - horizon], [-1, -1]);
    const error = meanSquaredError(mean, actual);
    let loss = error;
    let terms: Record<string, tf.Tensor> = {};
    if (levels.length > 0) {
      const pinball = pinballLoss(quantiles, actual, levels);
      loss = tf.add(loss, tf.mul(pinball, quantileWeight));
      terms = { pinball };
    }
    if (oneStepWeight > 0 && oneStep.size > 0) {
      const within = meanSquaredError(oneStep, tf.slice(targets, [0, 0], [-1, steps - horizon]));
      loss = tf.add(loss, tf.mul(within, oneStepWeight));
    }
    return { loss, meanSquaredError: error, ...terms };
  });
}
