import { Matrix } from 'ml-matrix';
import type { AffineMap } from '../baselines/affine.ts';

/** Parameters of exponential smoothing, from 0 to 1 each. */
export interface Smoothing {
  /** α, of the level. */
  readonly level: number;
  /** β, of the trend; 0: no trend. */
  readonly trend: number;
  /** γ, of the season. */
  readonly season: number;
  /** φ, damping of the trend. */
  readonly damping: number;
}

/**
 * Additive exponential smoothing with a damped trend and a season of m steps (Holt, 1957; Winters, 1960; Gardner &
 * McKenzie, 1985), started at the window's first values:
 *
 *   l[t] = α (y[t] - s[t - m]) + (1 - α)(l[t - 1] + φ b[t - 1])
 *   b[t] = β (l[t] - l[t - 1]) + (1 - β) φ b[t - 1]
 *   s[t] = γ (y[t] - l[t]) + (1 - γ) s[t - m]
 *   ŷ[t + h] = l[t] + (φ + … + φʰ) b[t] + s[t + h - m ⌈h / m⌉]
 *
 * It is linear in the window. The map follows from smoothing the unit vectors, all at once.
 * @param season m; 1: none
 */
export function smoothingMap(window: number, horizon: number, season: number, smoothing: Smoothing): AffineMap {
  const { level: alpha, trend: beta, season: gamma, damping: phi } = smoothing;
  const hasTrend = beta > 0 && window >= 2 * season + 1;
  // Level, trend and seasonal parts as weights of the window's values, at first those of its first values.
  const level = new Float64Array(window);
  const trend = new Float64Array(window);
  const seasonal = Array.from({ length: season }, () => new Float64Array(window));
  if (hasTrend) {
    const reach = season > 1 ? season : Math.min(3, window - 1);
    for (let at = 0; at < season; at++) {
      trend[reach + at]! += 1 / (reach * season);
      trend[at]! -= 1 / (reach * season);
    }
  }
  for (let at = 0; at < window; at++) level[at] = (at < season ? 1 / season : 0) + ((season - 1) / 2) * trend[at]!;
  if (season > 1)
    for (const [place, row] of seasonal.entries()) {
      row.fill(-1 / season, 0, season);
      row[place]! += 1;
    }
  const known = 2 * season + 3;
  for (let step = season; step < window; step++) {
    const before = seasonal[step % season]!;
    for (let at = 0; at < Math.min(window, Math.max(known, step + 1)); at++) {
      const value = at === step ? 1 : 0;
      const last = level[at]!;
      const next = alpha * (value - before[at]!) + (1 - alpha) * (last + phi * trend[at]!);
      level[at] = next;
      if (hasTrend) trend[at] = beta * (next - last) + (1 - beta) * phi * trend[at]!;
      if (season > 1) before[at] = gamma * (value - next) + (1 - gamma) * before[at]!;
    }
  }
  let damped = 0;
  const rows = Array.from({ length: horizon }, (_, step) => {
    damped += phi ** (step + 1);
    const last = seasonal[(window + step) % season]!;
    return Array.from(level, (weight, at) => weight + damped * trend[at]! + last[at]!);
  });
  return { weights: new Matrix(rows), bias: new Float64Array(horizon) };
}
