import { UserError } from '@motley/run';
import { Matrix } from 'ml-matrix';
import type { AffineMap } from '../baselines/affine.ts';
import type { Series } from '../series/series.ts';
import type { SeriesParts, Span } from '../series/split.ts';
import { KnownPart } from './known-part.ts';
import { LinearCombination, valueIn, valueOf, type CombinationMember, type Space } from './linear-combination.ts';
import { linearMethods, type LinearMethod, type MethodOptions } from './methods.ts';

export type CombinationOptions = Pick<MethodOptions, 'horizon' | 'seasons'>;

type FitOptions = Pick<MethodOptions, 'horizon' | 'seasons' | 'smoothingMaps'>;

/** Share of a linear method in a combination. */
export interface MethodShare {
  readonly space: Space;
  readonly family: string;
  readonly settings: string;
  readonly share: number;
  /** Mean squared error over that of the best naive method: geometric mean over the origins. */
  readonly relativeError: number;
}

export interface FittedCombination {
  readonly combination: LinearCombination;
  /** The methods, the largest share first. */
  readonly shares: readonly MethodShare[];
}

/** How sharply better methods are preferred at least: a share is proportional to 1 / relativeError⁴. */
const LEAST_SHARPNESS = 4;
const MOST_SHARPNESS = 40;
/** Settings of a family that have a share: neighbors differ little, and their mean is steadier than the best. */
const SETTINGS_PER_FAMILY = 3;
/** Smallest share, before the others are left out. */
const SMALLEST_SHARE = 1e-3;
/** Origins of the trial forecasts, and the part of the series before the first of them. */
const [ORIGINS, FIRST_ORIGIN, LEAST_ORIGIN] = [10, 0.35, 20];
/** Forecasts without overlap that a validation part holds at least where it is the only trial. */
const ENOUGH_FORECASTS = 20;
/** Forecasts from one trial at most. */
const [FORECASTS_PER_ORIGIN, FORECASTS_OF_VALIDATION] = [60, 200];
/** Added to the logarithm of the relative error of a method that was tried at none of the origins. */
const UNTRIED = 0.3;
/** Longest windows, and the length of a series that may have the longer one. */
const [LONGEST_WINDOW, LONGEST_WINDOW_OF_LONG, LONG_SERIES] = [100, 400, 2000];

/** A span of trial forecasts: methods are fitted to the values before `from`. */
type Trial = Span;

/** Errors of one family's setting at all trials. */
interface Candidate {
  readonly space: Space;
  readonly family: string;
  readonly settings: string;
  readonly parameters: number;
  /** Mean squared error by trial; NaN where it could not be fitted. */
  readonly errors: Float64Array;
}

/**
 * Combines linear methods: persistence and seasonal naive forecasts with and without drift, ridge regressions, NLinear,
 * autoregressions of differences and exponential smoothing, each on the values or their logarithms, with or without a
 * fitted seasonal known. Each is fitted at several origins before the test part and tried on what comes next (Tashman,
 * "Out-of-sample tests of forecasting accuracy", 2000). The best settings of each family get shares that fall with their
 * error (Bates & Granger, "The combination of forecasts", 1969), with a penalty of 2 p / n on the logarithm for p
 * parameters (Akaike, 1974). The combined methods are fitted on the training part.
 * @throws UserError where the part before the test is too short for a trial
 */
export function fitCombination(
  series: Series,
  parts: SeriesParts,
  { horizon, seasons }: CombinationOptions,
): FittedCombination {
  const options = { horizon, seasons, smoothingMaps: new Map<string, AffineMap>() };
  const training = parts.training.to;
  const end = parts.validation.to;
  const trials = trialsOf(series, parts, horizon);
  const known = new KnownPart(series);
  const spaces = spacesOf(series, end, known);
  const candidates = spaces.flatMap((space) => tried(series, space, known, trials, options));
  const enough = forecastsIn(parts.validation, horizon) / 2;
  const sharpness = Math.min(MOST_SHARPNESS, Math.max(LEAST_SHARPNESS, trials.length === 1 ? enough : 0));
  const chosen = sharesOf(candidates, training, sharpness);
  const members = spaces.flatMap((space) => {
    const inSpace = chosen.filter((each) => each.candidate.space === space);
    return inSpace.length === 0 ? [] : [memberOf(series, space, known, inSpace, training, options)];
  });
  const shares = chosen
    .map(({ candidate: { space, family, settings }, share, error }) => ({
      space,
      family,
      settings,
      share,
      relativeError: Math.exp(error),
    }))
    .sort((left, right) => right.share - left.share);
  return { combination: new LinearCombination(members, horizon, known), shares };
}

/**
 * Trial spans: the validation part where it holds enough forecasts, whose methods are then those of the result. Else
 * spans at origins from a third of the values on, up to the end of the validation part.
 */
function trialsOf({ name, length }: Series, { validation }: SeriesParts, horizon: number): Trial[] {
  const end = validation.to;
  if (forecastsIn(validation, horizon) >= ENOUGH_FORECASTS) return [validation];
  const low = Math.max(LEAST_ORIGIN, Math.round(FIRST_ORIGIN * length));
  const high = end - horizon - Math.max(2, Math.floor(horizon / 3));
  if (high < low)
    throw new UserError(
      `series ${name}: expected at least ${low + (end - high)} steps before the test part to forecast ${horizon} steps, got ${end}`,
    );
  const distance = (high - low) / (ORIGINS - 1);
  const origins = [...new Set(Array.from({ length: ORIGINS }, (_, index) => Math.round(low + index * distance)))];
  const span = horizon + Math.max(Math.floor(horizon / 3), Math.round(distance));
  return origins.map((from) => ({ from, to: Math.min(end, from + span) }));
}

/** Number of forecasts without overlap that a span holds. */
function forecastsIn({ from, to }: Span, horizon: number): number {
  return (to - from) / horizon;
}

/** Spaces that fit the values: logarithms need positive ones, a profile needs cycles. */
function spacesOf({ target }: Series, end: number, known: KnownPart): Space[] {
  const scales = target.subarray(0, end).every((value) => value > 0)
    ? (['value', 'logarithm'] as const)
    : (['value'] as const);
  const options = known.size > 0 ? [false, true] : [false];
  return scales.flatMap((scale) => options.map((hasKnownPart) => ({ scale, hasKnownPart })));
}

function longestWindowOf({ length }: Series): number {
  return length < LONG_SERIES ? LONGEST_WINDOW : LONGEST_WINDOW_OF_LONG;
}

/** Methods in a space, fitted to the values before an origin, with the profile that they leave out. */
function* fittedMethods(
  series: Series,
  { scale, hasKnownPart }: Space,
  known: KnownPart,
  origin: number,
  { horizon, seasons, smoothingMaps }: FitOptions,
): Generator<LinearMethod & { readonly values: Float64Array; readonly coefficients: Float64Array }> {
  const scaled = series.target.subarray(0, origin).map((value) => valueIn(scale, value));
  const coefficients = hasKnownPart ? known.fit(series, scaled) : new Float64Array(known.size);
  if (hasKnownPart && coefficients.every((value) => value === 0)) return;
  const seasonal = known.values(series, coefficients, origin);
  const values = scaled.map((value, step) => value - seasonal[step]!);
  // A profile takes the long seasons' place.
  const left = hasKnownPart ? seasons.filter((season) => season <= 60) : seasons;
  for (const method of linearMethods(values, {
    horizon,
    seasons: left,
    longestWindow: longestWindowOf(series),
    smoothingMaps,
  }))
    yield { ...method, values, coefficients };
}

/** Errors of all methods in a space at each trial. */
function tried(
  series: Series,
  space: Space,
  known: KnownPart,
  trials: readonly Trial[],
  options: FitOptions,
): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const [index, trial] of trials.entries()) {
    let seasonal: Float64Array | undefined;
    let values: Float64Array | undefined;
    for (const method of fittedMethods(series, space, known, trial.from, options)) {
      const { family, settings, parameters, map, coefficients } = method;
      if (seasonal === undefined || values === undefined) {
        const own = known.values(series, coefficients);
        seasonal = own;
        values = series.target.map((value, step) => valueIn(space.scale, value) - own[step]!);
      }
      const key = `${family}, ${settings}`;
      const candidate = found.get(key) ?? {
        space,
        family,
        settings,
        parameters,
        errors: new Float64Array(trials.length).fill(NaN),
      };
      candidate.errors[index] = trialError(series.target, values, seasonal, space, map, trial);
      found.set(key, candidate);
    }
  }
  return [...found.values()];
}

/** Mean squared error of a map's forecasts within a trial's span. */
function trialError(
  target: Float64Array,
  values: Float64Array,
  seasonal: Float64Array,
  { scale }: Space,
  { weights, bias }: AffineMap,
  { from, to }: Trial,
): number {
  const [horizon, window] = [weights.rows, weights.columns];
  const first = Math.max(from, window);
  const count = to - horizon - first + 1;
  if (count < 1) return NaN;
  const most = to - from >= ENOUGH_FORECASTS * horizon ? FORECASTS_OF_VALIDATION : FORECASTS_PER_ORIGIN;
  const stride = Math.max(1, Math.floor(count / most));
  const rows = weights.to2DArray();
  let [sum, number] = [0, 0];
  for (let start = first; start + horizon <= to; start += stride)
    for (let step = 0; step < horizon; step++) {
      const row = rows[step]!;
      let forecast = bias[step]! + seasonal[start + step]!;
      for (let lag = 0; lag < window; lag++) forecast += row[lag]! * values[start - window + lag]!;
      sum += (valueOf(scale, forecast) - target[start + step]!) ** 2;
      number++;
    }
  return sum / number;
}

interface Chosen {
  readonly candidate: Candidate;
  readonly share: number;
  /** Logarithm of the relative error, with its penalties. */
  readonly error: number;
}

/** The best settings of each family in each space, with their shares. */
function sharesOf(candidates: readonly Candidate[], training: number, sharpness: number): Chosen[] {
  const trials = candidates[0]?.errors.length ?? 0;
  const naive = candidates.filter(({ family }) => family === 'persistence' || /^seasonal naive \(\d+\)$/.test(family));
  const reference = Float64Array.from({ length: trials }, (_, trial) =>
    naive.reduce((least, { errors }) => (errors[trial]! < least ? errors[trial]! : least), Infinity),
  );
  const scored = candidates.flatMap((candidate) => {
    const error = scoreOf(candidate, reference, training);
    return error === undefined ? [] : [{ candidate, error }];
  });
  const families = new Map<string, (typeof scored)[number][]>();
  for (const each of scored.sort((left, right) => left.error - right.error)) {
    const { space, family } = each.candidate;
    const key = `${space.scale} ${space.hasKnownPart} ${family}`;
    families.set(key, [...(families.get(key) ?? []), each].slice(0, SETTINGS_PER_FAMILY));
  }
  const best = [...families.values()].flat();
  const least = best.reduce((low, { error }) => Math.min(low, error), Infinity);
  const weighted = best.map((each) => ({ ...each, share: Math.exp(-sharpness * (each.error - least)) }));
  const total = sumOf(weighted.map(({ share }) => share));
  const kept = weighted.filter(({ share }) => share >= SMALLEST_SHARE * total);
  const keptTotal = sumOf(kept.map(({ share }) => share));
  return kept.map((each) => ({ ...each, share: each.share / keptTotal }));
}

/** Mean logarithm of the relative error. Undefined for a method that was tried at less than half of the origins. */
function scoreOf({ errors, parameters }: Candidate, reference: Float64Array, training: number): number | undefined {
  const logs = Array.from(errors, (error, trial) =>
    Math.log(Math.max(error, Number.MIN_VALUE) / Math.max(reference[trial]!, Number.MIN_VALUE)),
  );
  const known = logs.filter(Number.isFinite);
  const isTried = 2 * known.length >= logs.length && Number.isFinite(logs.at(-1));
  if (!isTried) return undefined;
  const untried = UNTRIED * (1 - known.length / logs.length);
  return sumOf(known) / known.length + untried + (2 * parameters) / training;
}

/** The chosen methods of one space, fitted on the training part, as one map. */
function memberOf(
  series: Series,
  space: Space,
  known: KnownPart,
  chosen: readonly Chosen[],
  training: number,
  options: FitOptions,
): CombinationMember {
  const share = sumOf(chosen.map((each) => each.share));
  const maps: { readonly map: AffineMap; readonly share: number }[] = [];
  let coefficients = new Float64Array(known.size);
  for (const method of fittedMethods(series, space, known, training, options)) {
    const own = chosen.find(
      ({ candidate }) => candidate.family === method.family && candidate.settings === method.settings,
    );
    if (own !== undefined) maps.push({ map: method.map, share: own.share / share });
    coefficients = Float64Array.from(method.coefficients);
  }
  const window = maps.reduce((longest, { map }) => Math.max(longest, map.weights.columns), 1);
  const weights = Matrix.zeros(options.horizon, window);
  const bias = new Float64Array(options.horizon);
  // A method of the trials may lack the values to be fitted here: the others share its part.
  const fitted = sumOf(maps.map((each) => each.share));
  for (const { map, share: part } of maps)
    for (let step = 0; step < options.horizon; step++) {
      bias[step]! += (part / fitted) * map.bias[step]!;
      const skipped = window - map.weights.columns;
      for (let lag = 0; lag < map.weights.columns; lag++)
        weights.set(
          step,
          skipped + lag,
          weights.get(step, skipped + lag) + (part / fitted) * map.weights.get(step, lag),
        );
    }
  return { space, share, map: { weights, bias }, coefficients };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
