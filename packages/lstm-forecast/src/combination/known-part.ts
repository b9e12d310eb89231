import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { seasonsOfFrequency, type Frequency } from '../series/frequency.ts';
import { timeAt, type Series } from '../series/series.ts';

/** Waves of a cycle at most: sharper profiles would take more data than most series have. */
const MOST_WAVES = 6;
/** Cycles that a fit must see at least. */
const LEAST_CYCLES = 2;
const YEAR_IN_DAYS = 365.2425;
const DAY_IN_SECONDS = 86_400;

/** A wave of a seasonal profile: a cosine or a sine. */
interface Wave {
  /** Period of its cycle, in steps. */
  readonly cycle: number;
  /** Waves per cycle. */
  readonly frequency: number;
  readonly phase: 'cosine' | 'sine';
}

/**
 * The part of a series that is known ahead: a repeating profile of the day, the week and the year as a Fourier series,
 * Σ aₖ cos(2πk t/p) + bₖ sin(2πk t/p), as far as its frequency has those cycles, and c x[t] for each covariate x that is
 * known ahead.
 */
export class KnownPart {
  readonly #waves: readonly Wave[];
  readonly #covariates: readonly string[];

  constructor({ frequency, knownAhead }: Pick<Series, 'frequency' | 'knownAhead'>) {
    this.#waves = cyclesOf(frequency).flatMap(wavesOf);
    this.#covariates = knownAhead;
  }

  /** Number of waves and covariates, and of coefficients. */
  get size(): number {
    return this.#waves.length + this.#covariates.length;
  }

  /**
   * Coefficients by least squares on the first steps of a series, beside a parabola for its trend. Cycles that those
   * steps hold less than twice have none, and neither have constant covariates.
   * @param values `[length]`, or a part of it from the first step on
   * @returns `[size]`
   */
  fit(series: Series, values: Float64Array): Float64Array {
    const columns = this.#columns(series);
    const scales = columns.map(({ at }) => deviationOf(at, values.length));
    const chosen = [...columns.keys()].filter(
      (index) => scales[index]! > 0 && values.length >= LEAST_CYCLES * columns[index]!.cycle,
    );
    const size = TREND + chosen.length;
    const [products, moments] = [Matrix.zeros(size, size), Matrix.zeros(size, 1)];
    const row = new Float64Array(size);
    for (const [step, value] of values.entries()) {
      const time = step / values.length;
      row.set([1, time, time ** 2]);
      for (const [place, index] of chosen.entries()) row[TREND + place] = columns[index]!.at(step) / scales[index]!;
      for (let i = 0; i < size; i++) {
        moments.set(i, 0, moments.get(i, 0) + row[i]! * value);
        for (let j = 0; j < size; j++) products.set(i, j, products.get(i, j) + row[i]! * row[j]!);
      }
    }
    products.add(Matrix.eye(size).mul(RIDGE * values.length));
    const solution = new CholeskyDecomposition(products).solve(moments).to1DArray();
    const coefficients = new Float64Array(this.size);
    for (const [place, index] of chosen.entries()) coefficients[index] = solution[TREND + place]! / scales[index]!;
    return coefficients;
  }

  /** The part at the first steps of a series: `[steps]`. Covariates keep their last value after its end. */
  values(series: Series, coefficients: ArrayLike<number>, steps = series.length): Float64Array {
    const used = this.#columns(series).flatMap(({ at }, index) =>
      coefficients[index] === 0 ? [] : [{ at, weight: coefficients[index]! }],
    );
    return Float64Array.from({ length: steps }, (_, step) => {
      let sum = 0;
      for (const { at, weight } of used) sum += weight * at(step);
      return sum;
    });
  }

  #columns(series: Series): Column[] {
    let [known, place] = [-1, 0];
    const placeOf = (step: number): number => {
      if (step !== known) [known, place] = [step, stepOfCalendar(series, step)];
      return place;
    };
    return [
      ...this.#waves.map((wave) => ({ cycle: wave.cycle, at: (step: number) => waveAt(wave, placeOf(step)) })),
      ...this.#covariates.map((name) => {
        const values = series.covariates[name]!;
        return { cycle: 0, at: (step: number) => values[Math.min(step, values.length - 1)]! };
      }),
    ];
  }
}

/** A regressor by step, and the cycle that must be seen to fit it; 0: none. */
interface Column {
  readonly cycle: number;
  readonly at: (step: number) => number;
}

function deviationOf(at: (step: number) => number, steps: number): number {
  let [sum, squares, largest] = [0, 0, 0];
  for (let step = 0; step < steps; step++) {
    const value = at(step) - at(0);
    sum += value;
    squares += value ** 2;
    largest = Math.max(largest, Math.abs(at(step)));
  }
  const deviation = Math.sqrt(Math.max(0, squares / steps - (sum / steps) ** 2));
  return deviation > largest * steps * Number.EPSILON ? deviation : 0;
}

/** Terms of the trend: a constant, a line and a parabola. */
const TREND = 3;
/** Penalty that keeps nearly equal waves apart. */
const RIDGE = 1e-9;

/** Periods in steps. Business days have years with holidays. */
function cyclesOf(frequency: Frequency): number[] {
  const seasons = seasonsOfFrequency(frequency);
  if (frequency.kind !== 'seconds') return seasons;
  const year = (YEAR_IN_DAYS * DAY_IN_SECONDS) / frequency.step;
  return [...seasons.filter((season) => season < 0.9 * year), ...(year > 2 ? [year] : [])];
}

/** Waves up to two steps long. */
function wavesOf(cycle: number): Wave[] {
  const count = Math.min(MOST_WAVES, Math.floor(cycle / 2));
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((frequency): Wave[] => [
    { cycle, frequency, phase: 'cosine' },
    // A sine of two steps is zero at every step.
    ...(cycle / frequency > 2 ? [{ cycle, frequency, phase: 'sine' } as const] : []),
  ]);
}

/** cos or sin of 2πk t/p, with t reduced to one cycle first: equal places have equal values. */
function waveAt({ cycle, frequency, phase }: Wave, at: number): number {
  const angle = (2 * Math.PI * ((frequency * at) % cycle)) / cycle;
  return phase === 'cosine' ? Math.cos(angle) : Math.sin(angle);
}

/** Steps since a moment that all series share, so that a profile holds for a longer or later series too. */
function stepOfCalendar(series: Series, step: number): number {
  const { frequency } = series;
  switch (frequency.kind) {
    case 'seconds':
      return timeAt(series, step) / frequency.step;
    case 'months': {
      const date = new Date(timeAt(series, step) * 1000);
      return (12 * date.getUTCFullYear() + date.getUTCMonth()) / frequency.step;
    }
    case 'business-days': {
      const day = Math.floor(timeAt(series, step) / DAY_IN_SECONDS) + 3;
      return 5 * Math.floor(day / 7) + Math.min(4, day % 7);
    }
    case 'rows':
      return step;
  }
}
