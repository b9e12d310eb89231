import type { RandomNumbers } from '@motley/run';

/** Impulse weights below this are treated as 0. */
const NEGLIGIBLE = 1e-10;
/** Maximum number of impulse weights. A longer memory counts as nonstationary. */
const LONGEST_MEMORY = 100_000;

/**
 * Stationary autoregressive process AR(p): x[t] = Σₖ φₖ x[t - k] + σ ε[t], with standard normal ε (Box & Jenkins, "Time
 * Series Analysis", chapters 3 and 5).
 */
export class AutoregressiveProcess {
  /** φ₁ … φₚ */
  readonly coefficients: readonly number[];
  /** σ, the standard deviation of the noise. */
  readonly noise: number;
  /** Impulse response ψ: effect of a shock after 0, 1, … steps, until it is negligible. */
  readonly #impulses: readonly number[];

  /** @throws RangeError where the process is not stationary */
  constructor(coefficients: readonly number[], noise = 1) {
    if (coefficients.length === 0 || !(noise > 0))
      throw new RangeError(`autoregressive process: expected coefficients and noise above 0, got ${noise}`);
    this.coefficients = coefficients;
    this.noise = noise;
    this.#impulses = impulsesOf(coefficients);
  }

  /** Stationary standard deviation of the values. */
  get standardDeviation(): number {
    return this.forecastError(this.#impulses.length);
  }

  /**
   * Lowest possible root mean squared error of a forecast `horizon` steps ahead: σ √(Σ ψⱼ², j < horizon). For AR(1) it
   * is σ √((1 - φ²ʰ) / (1 - φ²)).
   */
  forecastError(horizon: number): number {
    return this.noise * Math.sqrt(this.#impulses.slice(0, horizon).reduce((sum, weight) => sum + weight ** 2, 0));
  }

  /** Optimal forecast of the next `horizon` values. `past` needs at least p values, the latest last. */
  forecast(past: ArrayLike<number>, horizon: number): Float64Array {
    const order = this.coefficients.length;
    if (past.length < order)
      throw new RangeError(`autoregressive forecast: expected at least ${order} past values, got ${past.length}`);
    const values = Float64Array.from([...Array.from(past).slice(-order), ...new Array<number>(horizon).fill(0)]);
    for (let time = order; time < values.length; time++) values[time] = this.#expected(values, time);
    return values.subarray(order);
  }

  /** Draws values [length] from the stationary distribution. */
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

/**
 * Impulse response ψ₀ = 1, ψⱼ = Σₖ φₖ ψ₍ⱼ₋ₖ₎. It ends once p consecutive weights are negligible, for p coefficients.
 */
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
