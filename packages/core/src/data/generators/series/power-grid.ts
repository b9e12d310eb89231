import type { RandomNumbers } from '@motley/run';
import { AutoregressiveProcess } from './autoregressive.ts';

const STEPS_PER_HOUR = 12;
const HOURS_PER_DAY = 24;
const STEP_IN_MS = 300_000;
const HOUR_IN_MS = 3_600_000;
/** A Monday. Any other start works too, as seasons follow the calendar. */
const DEFAULT_START = '2019-01-07T00:00:00Z';

export interface PowerGridOptions {
  /** Start time, UTC, on a full hour. Default 2019-01-07. */
  readonly start?: Date;
  /** Standard deviation of the residual's noise, in MW per step of five minutes. Default 12. */
  readonly noise?: number;
  /** AR(1) coefficient φ of the residual: the fraction left after one step. Default 0.97. */
  readonly persistence?: number;
  /** Level L of a regime, ± MW. Default 40. */
  readonly regimeLevel?: number;
  /** Probability q per step that the regime switches. Default 1/288: one day on average. */
  readonly regimeSwitch?: number;
  /** Probability p per step of an outlier, a wrong measurement. Default 0.002. */
  readonly outlierShare?: number;
  /** Standard deviation s of an outlier, in MW. Default 250. */
  readonly outlierSize?: number;
}

/** Columns of the published files, [length] each. All but the time are in MW. */
export interface PowerGridSeries {
  /** `YYYY-MM-DD HH:MM:SS`, UTC, every five minutes. */
  readonly start_time: readonly string[];
  readonly hydro: Float32Array;
  readonly micro: Float32Array;
  readonly river: Float32Array;
  readonly thermal: Float32Array;
  readonly wind: Float32Array;
  /** Planned production in hourly steps: the sum of the five columns above. */
  readonly total: Float32Array;
  /**
   * Regulation, ordered for each hour from the imbalance of the hour before. Known when ordered; it does not influence
   * `y`.
   */
  readonly sys_reg: Float32Array;
  /** Planned exchange with neighbors, positive for exports as in the published files. */
  readonly flow: Float32Array;
  /** Imbalance: the forecast target. */
  readonly y: Float32Array;
}

/** Components of the imbalance, known only to the generator. [length] each, in MW. */
export interface PowerGridParts {
  /** Hourly production plan minus continuous consumption. Determined by plans and clock. */
  readonly structural: Float64Array;
  /** Systematic planning error by hour and weekday. */
  readonly seasonal: Float64Array;
  readonly regime: Float64Array;
  readonly residual: Float64Array;
  readonly outlier: Float64Array;
}

/**
 * Synthetic power balance of a region in steps of five minutes, with the columns of published data on the Norwegian
 * grid. Consumption C has daily, weekly and yearly seasons. Plans meet its mean over each hour (`total - flow`), so
 *
 *   y[t] = (plan[t] - C[t]) + b(hour, weekday) + r[t] + u[t] + o[t]
 *
 * with a regime r = ±L that switches with probability q, an AR(1) residual u and, with probability p, an outlier o.
 * `noiseFloor` is a lower bound for every forecaster, even one that knows all components up to now.
 */
export class PowerGrid {
  readonly #options: Required<Omit<PowerGridOptions, 'start'>>;
  readonly #startInMs: number;
  readonly #residual: AutoregressiveProcess;

  /** @throws RangeError where an option is outside its range */
  constructor(options: PowerGridOptions = {}) {
    const { start = new Date(DEFAULT_START), ...rest } = options;
    this.#options = {
      noise: 12,
      persistence: 0.97,
      regimeLevel: 40,
      regimeSwitch: 1 / 288,
      outlierShare: 0.002,
      outlierSize: 250,
      ...rest,
    };
    const { persistence, noise, regimeSwitch, outlierShare } = this.#options;
    for (const [name, share] of Object.entries({ regimeSwitch, outlierShare }))
      if (!(share >= 0 && share <= 0.5))
        throw new RangeError(`power grid: expected ${name} to be from 0 to 0.5, got ${share}`);
    if (!(start.getTime() % HOUR_IN_MS === 0))
      throw new RangeError(`power grid: expected a start at a full hour, got ${String(start)}`);
    this.#startInMs = start.getTime();
    this.#residual = new AutoregressiveProcess([persistence], noise);
  }

  /**
   * Lowest possible root mean squared error of a forecast of y, `horizon` steps ahead, given all components up to now
   * and the plans: √(σ²(1 - φ²ʰ)/(1 - φ²) + L²(1 - (1 - 2q)²ʰ) + p s²). In MW.
   */
  noiseFloor(horizon: number): number {
    const { regimeLevel, regimeSwitch, outlierShare, outlierSize } = this.#options;
    const regime = regimeLevel ** 2 * (1 - (1 - 2 * regimeSwitch) ** (2 * horizon));
    return Math.sqrt(this.#residual.forecastError(horizon) ** 2 + regime + outlierShare * outlierSize ** 2);
  }

  /**
   * Optimal forecast of y, in MW. It uses all components up to `time`, and the later ones that plans and clock
   * determine.
   */
  optimalForecast(parts: PowerGridParts, time: number, horizon: number): number {
    const { persistence, regimeSwitch } = this.#options;
    const known = parts.structural[time + horizon]! + parts.seasonal[time + horizon]!;
    const regime = parts.regime[time]! * (1 - 2 * regimeSwitch) ** horizon;
    return known + regime + parts.residual[time]! * persistence ** horizon;
  }

  /** Draws `length` steps of five minutes. */
  draw(random: RandomNumbers, length: number): { readonly series: PowerGridSeries; readonly parts: PowerGridParts } {
    const hours = Math.ceil(length / STEPS_PER_HOUR);
    const plans = this.#plans(random.fork('plans'), hours);
    const parts = this.#parts(random.fork('imbalance'), length);
    const y = Float32Array.from({ length }, (_, time) =>
      Object.values<Float64Array>({ ...parts }).reduce((sum, part) => sum + part[time]!, 0),
    );
    const times = Array.from({ length }, (_, time) => this.#startInMs + time * STEP_IN_MS);
    const inSteps = (hourly: Float64Array): Float32Array =>
      Float32Array.from({ length }, (_, time) => hourly[Math.floor(time / STEPS_PER_HOUR)]!);
    const { hydro, micro, river, thermal, wind, total, flow } = plans;
    return {
      series: {
        start_time: times.map((time) => new Date(time).toISOString().slice(0, 19).replace('T', ' ')),
        hydro: inSteps(hydro),
        micro: inSteps(micro),
        river: inSteps(river),
        thermal: inSteps(thermal),
        wind: inSteps(wind),
        total: inSteps(total),
        sys_reg: regulation(y),
        flow: inSteps(flow),
        y,
      },
      parts,
    };
  }

  /** Plans for each hour, in MW. */
  #plans(
    random: RandomNumbers,
    hours: number,
  ): Record<Exclude<keyof PowerGridSeries, 'start_time' | 'sys_reg' | 'y'>, Float64Array> {
    const swing = (name: string, persistence: number, deviation: number): Float64Array => {
      const process = new AutoregressiveProcess([persistence], deviation * Math.sqrt(1 - persistence ** 2));
      return process.draw(random.fork(name), hours);
    };
    const consumption = Float64Array.from({ length: hours }, (_, hour) => this.#hourlyConsumption(hour));
    const wind = swing('wind', 0.98, 1.4).map((value) => 400 / (1 + Math.exp(-value)));
    const river = swing('river', 0.995, 25).map((value, hour) => Math.max(0, 220 + value - 60 * this.#winter(hour)));
    const micro = swing('micro', 0.99, 4).map((value) => Math.max(0, 35 + value));
    const thermal = swing('thermal', 0.99, 1).map((value) => (value > 0.8 ? 90 : 0));
    // Hydro power follows consumption, apart from price swings. Exchange with neighbors covers the difference.
    const hydro = swing('hydro', 0.97, 80).map((value, hour) => Math.max(0, 0.9 * consumption[hour]! - 400 + value));
    const total = hydro.map((value, hour) => value + micro[hour]! + river[hour]! + thermal[hour]! + wind[hour]!);
    const flow = total.map((value, hour) => value - consumption[hour]!);
    return { hydro, micro, river, thermal, wind, total, flow };
  }

  #parts(random: RandomNumbers, length: number): PowerGridParts {
    const { regimeLevel, regimeSwitch, outlierShare, outlierSize } = this.#options;
    const switches = random.fork('regime').uniformValues(length + 1);
    let regime = switches[length]! < 0.5 ? regimeLevel : -regimeLevel;
    const happens = random.fork('outliers').uniformValues(length);
    const sizes = random.fork('outlier sizes').normalValues(length, 0, outlierSize);
    const atSteps = (of: (time: number) => number): Float64Array =>
      Float64Array.from({ length }, (_, time) => of(time));
    return {
      structural: atSteps((time) => {
        const hour = Math.floor(time / STEPS_PER_HOUR);
        return this.#hourlyConsumption(hour) - this.#consumption((time + 0.5) / STEPS_PER_HOUR);
      }),
      seasonal: atSteps((time) => this.#bias(time / STEPS_PER_HOUR)),
      regime: atSteps((time) => (regime *= switches[time]! < regimeSwitch ? -1 : 1)),
      residual: this.#residual.draw(random.fork('residual'), length),
      outlier: atSteps((time) => (happens[time]! < outlierShare ? sizes[time]! : 0)),
    };
  }

  /** Mean consumption over the steps of an hour, in MW. */
  #hourlyConsumption(hour: number): number {
    let sum = 0;
    for (let step = 0; step < STEPS_PER_HOUR; step++) sum += this.#consumption(hour + (step + 0.5) / STEPS_PER_HOUR);
    return sum / STEPS_PER_HOUR;
  }

  /** Consumption in MW, `hours` after the start: two peaks a day, lower on weekends, higher in winter. */
  #consumption(hours: number): number {
    const { phase, weekend } = this.#clock(hours);
    const daily = -180 * Math.cos(phase - 0.9) - 110 * Math.cos(2 * phase - 4.1) - 25 * Math.cos(3 * phase - 1);
    return 1500 + 300 * this.#winter(hours) + daily * (1 - 0.4 * weekend) - 140 * weekend;
  }

  /** Systematic planning error in MW. It repeats weekly. */
  #bias(hours: number): number {
    const { phase, weekend } = this.#clock(hours);
    return 18 * Math.sin(phase - 1.2) + 9 * Math.sin(2 * phase) - 12 * weekend;
  }

  /** Yearly season: 1 in mid-January, -1 half a year later. */
  #winter(hours: number): number {
    const day = (this.#startInMs / HOUR_IN_MS + hours) / HOURS_PER_DAY;
    return Math.cos((2 * Math.PI * (day - 15)) / 365.2425);
  }

  /** Time of day as an angle in radians, and a smooth weekend indicator from 0 to 1. */
  #clock(hours: number): { readonly phase: number; readonly weekend: number } {
    const days = (this.#startInMs / HOUR_IN_MS + hours) / HOURS_PER_DAY;
    // Days since Monday. 1 January 1970 was a Thursday.
    const weekday = (((days + 3) % 7) + 7) % 7;
    const edge = (day: number): number => 1 / (1 + Math.exp(-(weekday - day) * 24));
    return { phase: 2 * Math.PI * (days % 1), weekend: weekday < 2.5 ? 1 - edge(0) : edge(5) - edge(7) };
  }
}

/** Regulation for each hour: minus the mean imbalance of the hour before, in blocks of 5 MW; 0 within the dead band. */
function regulation(y: Float32Array): Float32Array {
  const [deadBand, block] = [30, 5];
  const ordered = new Float32Array(y.length);
  for (let hour = STEPS_PER_HOUR; hour < y.length; hour += STEPS_PER_HOUR) {
    const before = y.subarray(hour - STEPS_PER_HOUR, hour);
    const mean = before.reduce((sum, value) => sum + value, 0) / STEPS_PER_HOUR;
    if (Math.abs(mean) > deadBand) ordered.fill(-Math.round(mean / block) * block, hour, hour + STEPS_PER_HOUR);
  }
  return ordered;
}
