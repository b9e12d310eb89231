import type { RandomNumbers } from '@motley/run';

/** Weights below this share are past memory. */
const NEGLIGIBLE = 1e-10;
/** A process that remembers longer is not told from one that never forgets. */
const LONGEST_MEMORY = 100_000;

/**
 * A stationary autoregressive process AR(p): x[t] = Σₖ φₖ x[t - k] + σ ε[t], with ε standard normal.
 * (Box & Jenkins, "Time Series Analysis", chapters 3 and 5.)
 */
export class AutoregressiveProcess {
  /** φ₁ … φₚ */
  readonly coefficients: readonly number[];
  /** σ */
  readonly noise: number;
  /** ψ: what a shock is worth after 0, 1, … steps, up to where it is forgotten. */
  readonly #impulses: readonly number[];

  /** @throws RangeError where the process is not stationary */
  constructor(coefficients: readonly number[], noise = 1) {
    if (coefficients.length === 0 || !(noise > 0))
      throw new RangeError(`autoregressive process: expected coefficients and noise above 0, got ${noise}`);
    this.coefficients = coefficients;
    this.noise = noise;
    this.#impulses = impulsesOf(coefficients);
  }

  /** Standard deviation of the values. */
  get standardDeviation(): number {
    return this.forecastError(this.#impulses.length);
  }

  /**
   * The lowest root mean squared error of a forecast `horizon` steps ahead: σ √(Σ ψⱼ², j < horizon), which for AR(1) is
   * σ √((1 - φ²ʰ) / (1 - φ²)).
   */
  forecastError(horizon: number): number {
    return this.noise * Math.sqrt(this.#impulses.slice(0, horizon).reduce((sum, weight) => sum + weight ** 2, 0));
  }

  /** The forecast with that error, of the next `horizon` values; `past` has the latest last, and at least p values. */
  forecast(past: ArrayLike<number>, horizon: number): Float64Array {
    const order = this.coefficients.length;
    if (past.length < order)
      throw new RangeError(`autoregressive forecast: expected at least ${order} past values, got ${past.length}`);
    const values = Float64Array.from([...Array.from(past).slice(-order), ...new Array<number>(horizon).fill(0)]);
    for (let time = order; time < values.length; time++) values[time] = this.#expected(values, time);
    return values.subarray(order);
  }

  /** `[length]` values, as if the process had always been running. */
  draw(random: RandomNumbers, length: number): Float64Array {
    const before = this.#impulses.length;
    const shocks = random.normalValues(before + length, 0, this.noise);
    const values = new Float64Array(before + length);
    for (let time = 0; time < values.length; time++) values[time] = this.#expected(values, time) + shocks[time]!;
    return values.slice(before);
  }

  #expected(values: Float64Array, time: number): number {
    return this.coefficients.reduce((sum, phi, lag) => sum + phi * (values[time - 1 - lag] ?? 0), 0);
  }
}

/** ψ₀ = 1, ψⱼ = Σₖ φₖ ψ₍ⱼ₋ₖ₎, until as many in a row as there are coefficients are negligible. */
function impulsesOf(coefficients: readonly number[]): number[] {
  const impulses = [1];
  for (let quiet = 0; quiet < coefficients.length;) {
    const next = coefficients.reduce((sum, phi, lag) => sum + phi * (impulses.at(-1 - lag) ?? 0), 0);
    if (impulses.length >= LONGEST_MEMORY || Math.abs(next) > 1e6)
      throw new RangeError(`autoregressive process: expected a stationary one, got ${coefficients.join(', ')}`);
    impulses.push(next);
    quiet = Math.abs(next) < NEGLIGIBLE ? quiet + 1 : 0;
  }
  return impulses;
}
