import type { AutoregressiveProcess } from '@motley/core/generators';
import { checkPast, type Forecaster } from './forecaster.ts';

/**
 * The best possible forecaster, which knows the process. Its error h steps ahead is `process.forecastError(h)`, for
 * AR(1) σ √((1 - φ²ʰ) / (1 - φ²)).
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
