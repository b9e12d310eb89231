import type { AutoregressiveProcess } from '@motley/core/generators';
import { checkPast, type Forecaster } from './forecaster.ts';

/**
 * The forecaster that knows the process: its error h steps ahead is `process.forecastError(h)`, for AR(1)
 * σ √((1 - φ²ʰ) / (1 - φ²)), and none has less.
 */
export function autoregressiveOptimum(process: AutoregressiveProcess): Forecaster {
  const own = { name: 'optimum', window: process.coefficients.length };
  return {
    ...own,
    forecast(series, start, horizon) {
      checkPast(own, series, start);
      return process.forecast(series.target.subarray(start - own.window, start), horizon);
    },
  };
}
