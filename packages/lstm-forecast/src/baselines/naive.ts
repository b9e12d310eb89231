import { checkPast, type Forecaster } from './forecaster.ts';

/** The last value: ŷ[t + h] = y[t - 1]. */
export function persistence(): Forecaster {
  return seasonalNaive(1, 'persistence');
}

/** The last season again: ŷ[t + h] is the last known value that lies whole seasons before. */
export function seasonalNaive(seasonInSteps: number, name = `seasonal naive (${seasonInSteps} steps)`): Forecaster {
  const own = { name, window: seasonInSteps };
  return {
    ...own,
    forecast(series, start, horizon) {
      checkPast(own, series, start);
      return Float64Array.from(
        { length: horizon },
        (_, step) => series.target[start - seasonInSteps + (step % seasonInSteps)]!,
      );
    },
  };
}
