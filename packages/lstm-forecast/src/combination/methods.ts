import { Matrix } from 'ml-matrix';
import { ridgeMap, type AffineMap } from '../baselines/affine.ts';
import { withLastAdded } from '../baselines/nlinear.ts';
import { rolledOut } from '../baselines/ridge.ts';
import { differencesFrom, windowMoments } from '../baselines/window-moments.ts';
import { differencesMap } from './differences.ts';
import { smoothingMap } from './exponential-smoothing.ts';

/** A linear method of forecasting, fitted. */
export interface LinearMethod {
  /** Name of the method without its settings. */
  readonly family: string;
  /** The settings. */
  readonly settings: string;
  /** Coefficients that were fitted for each step ahead. */
  readonly parameters: number;
  readonly map: AffineMap;
}

export interface MethodOptions {
  readonly horizon: number;
  /** Candidate season lengths, in steps. */
  readonly seasons: readonly number[];
  /** Longest window, in steps. */
  readonly longestWindow: number;
  /** Maps of exponential smoothing by their settings: they depend on no values, and fits share them. */
  readonly smoothingMaps: Map<string, AffineMap>;
}

/** Ridge penalties over the mean variance of the inputs. */
const STRENGTHS = [1e-5, 1e-3, 1e-2, 1e-1, 1, 10];
const DIFFERENCE_STRENGTHS = [1e-4, 1e-2, 1e-1, 1];
const WINDOWS = [1, 2, 4, 8, 12, 24];
/** Longest season of exponential smoothing. */
const LONGEST_SMOOTHED_SEASON = 60;

/** All linear methods with all their settings, fitted to the values, as far as those are enough. */
export function* linearMethods(values: Float64Array, options: MethodOptions): Generator<LinearMethod> {
  const { horizon } = options;
  const seasons = options.seasons.filter((season) => values.length >= 2 * season + horizon);
  yield* naiveMethods(values, seasons, horizon);
  yield* regressions(values, { ...options, seasons });
  yield* autoregressionsOfDifferences(values, { ...options, seasons });
  yield* smoothings(values, { ...options, seasons });
}

function* naiveMethods(values: Float64Array, seasons: readonly number[], horizon: number): Generator<LinearMethod> {
  for (const season of [1, ...seasons]) {
    const changes = values.subarray(season).reduce((sum, value, step) => sum + value - values[step]!, 0);
    const change = changes / (values.length - season);
    const weights = Matrix.zeros(horizon, season);
    for (let step = 0; step < horizon; step++) weights.set(step, step % season, 1);
    const name = season === 1 ? 'persistence' : `seasonal naive (${season})`;
    const drift = Float64Array.from({ length: horizon }, (_, step) => change * (Math.floor(step / season) + 1));
    yield { family: name, settings: '', parameters: 0, map: { weights, bias: new Float64Array(horizon) } };
    yield { family: `${name} with drift`, settings: '', parameters: 0, map: { weights, bias: drift } };
  }
}

function* regressions(
  values: Float64Array,
  { horizon, seasons, longestWindow }: MethodOptions,
): Generator<LinearMethod> {
  const all = new Set([...WINDOWS, ...seasons.flatMap((season) => [season, season + 1, 2 * season])]);
  const span = { from: 0, to: values.length };
  for (const window of [...all].sort((left, right) => left - right)) {
    const rows = values.length - window - horizon + 1;
    if (window > longestWindow || rows < 5 + 0.3 * window) continue;
    const moments = windowMoments(values, span, window + horizon);
    const next = windowMoments(values, span, window + 1);
    const differences = window > 1 ? differencesFrom(moments, window - 1) : undefined;
    for (const strength of STRENGTHS) {
      const settings = `window ${window}, penalty ${strength}`;
      if (differences !== undefined)
        yield {
          family: 'NLinear',
          settings,
          parameters: window,
          map: withLastAdded(ridgeMap(differences, window - 1, strength)),
        };
      yield { family: 'ridge', settings, parameters: window, map: ridgeMap(moments, window, strength) };
      yield {
        family: 'recursive ridge',
        settings,
        parameters: window,
        map: rolledOut(ridgeMap(next, window, strength), horizon),
      };
    }
  }
}

function* autoregressionsOfDifferences(
  values: Float64Array,
  { horizon, seasons, longestWindow }: MethodOptions,
): Generator<LinearMethod> {
  for (const season of [0, ...seasons.filter((each) => values.length >= 3 * each + horizon)])
    for (const neighbors of season === 0 ? [true] : [false, true]) {
      const around =
        season === 0 ? [12, 24] : season <= LONGEST_SMOOTHED_SEASON ? [season, season + 1, season + 2] : [];
      const name =
        season === 0 ? 'differences' : neighbors ? `differences of ${season} and 1` : `differences of ${season}`;
      for (const terms of new Set([1, 2, 4, 8, ...around])) {
        if (terms > Math.min(longestWindow, values.length / 4)) continue;
        for (const strength of DIFFERENCE_STRENGTHS) {
          const map = differencesMap(values, { horizon, terms, season, neighbors, strength });
          if (map === undefined) continue;
          const settings = `${terms} terms, penalty ${strength}`;
          yield { family: `autoregression of ${name}`, settings, parameters: terms, map };
        }
      }
    }
}

function* smoothings(
  values: Float64Array,
  { horizon, seasons, smoothingMaps }: MethodOptions,
): Generator<LinearMethod> {
  const smoothed = seasons.filter((season) => season <= LONGEST_SMOOTHED_SEASON && values.length >= 4 * season);
  for (const season of [1, ...smoothed]) {
    const window = Math.min(Math.max(4 * season, 40), Math.floor(values.length / 2));
    const family = season === 1 ? 'exponential smoothing' : `exponential smoothing (${season})`;
    for (const level of [0.1, 0.2, 0.4, 0.7, 1])
      for (const trend of [0, 0.01, 0.05, 0.2])
        for (const seasonal of season === 1 ? [0] : [0.05, 0.15, 0.4])
          for (const damping of trend === 0 ? [1] : [0.9, 1]) {
            const settings = `α ${level}, β ${trend}, γ ${seasonal}, φ ${damping}`;
            const key = `${family}, window ${window}, ${settings}`;
            const map =
              smoothingMaps.get(key) ??
              smoothingMap(window, horizon, season, { level, trend, season: seasonal, damping });
            smoothingMaps.set(key, map);
            yield { family, settings, parameters: 3, map };
          }
  }
}
