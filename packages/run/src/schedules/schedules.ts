/**
 * The learning rate of a step, the first step being 0. A function of nothing else, unless the schedule follows the
 * validation: then it is told of each, and its state goes into checkpoints.
 */
export interface Schedule {
  (step: number): number;
  readonly following?: ValidationFollower;
}

/** The part of a schedule that follows the validation. */
interface ValidationFollower {
  /** Takes note of the loss of a validation. */
  observe(loss: number): void;
  /** JSON. */
  readonly state: unknown;
  /** @throws UserError where `state` is not what such a schedule gave */
  restore(state: unknown): void;
}

/** The highest rate, and how it is reached. */
export interface WarmupOptions {
  /** The highest rate, reached when the warm-up ends. */
  readonly learningRate: number;
  /** Steps of linear rise from learningRate / warmupSteps. Default 0. */
  readonly warmupSteps?: number;
}

/** A linear rise, then `after` by the steps since its end, as a part of the highest rate. */
export function warmedUp(
  { learningRate, warmupSteps = 0 }: WarmupOptions,
  after: (step: number) => number,
): (step: number) => number {
  return (step) =>
    step < warmupSteps ? (learningRate * (step + 1)) / warmupSteps : learningRate * after(step - warmupSteps);
}

/** The same rate at every step, or at every step after the warm-up. */
export function constantSchedule(learningRate: number, warmupSteps = 0): Schedule {
  return warmedUp({ learningRate, warmupSteps }, () => 1);
}

export interface CosineScheduleOptions extends WarmupOptions {
  /** Steps of the whole run; beyond them the rate stays at its lowest. */
  readonly totalSteps: number;
  /** The lowest rate, as a part of the highest. Default 0. */
  readonly finalFraction?: number;
}

/** Linear warm-up, then half a cosine down to the lowest rate (Loshchilov & Hutter, SGDR, 2017, equation 5). */
export function cosineSchedule(options: CosineScheduleOptions): Schedule {
  const { warmupSteps = 0, totalSteps, finalFraction = 0 } = options;
  return warmedUp(options, (step) => {
    const progress = Math.min(step / Math.max(totalSteps - warmupSteps, 1), 1);
    return finalFraction + (1 - finalFraction) * 0.5 * (1 + Math.cos(Math.PI * progress));
  });
}

export interface StepScheduleOptions extends WarmupOptions {
  /** Steps between two falls, counted from the end of the warm-up. */
  readonly everySteps: number;
  /** What the rate is multiplied by at each. Default 0.1. */
  readonly factor?: number;
}

/** Linear warm-up, then a staircase, as `torch.optim.lr_scheduler.StepLR`. */
export function stepSchedule(options: StepScheduleOptions): Schedule {
  const { everySteps, factor = 0.1 } = options;
  return warmedUp(options, (step) => factor ** Math.floor(step / everySteps));
}

/**
 * Linear warm-up, then a fall by the inverse square root of the step: α √(w / t) for t ≥ w (Vaswani et al., 2017,
 * section 5.3, with the highest rate in place of d_model^-½ w^-½).
 */
export function inverseSquareRootSchedule(options: WarmupOptions): Schedule {
  const warmupSteps = Math.max(options.warmupSteps ?? 0, 1);
  return warmedUp({ ...options, warmupSteps }, (step) => Math.sqrt(warmupSteps / (step + warmupSteps + 1)));
}

export interface OneCycleScheduleOptions {
  /** The highest rate. */
  readonly learningRate: number;
  readonly totalSteps: number;
  /** The part of the steps that rise. Default 0.3. */
  readonly risingPart?: number;
  /** The first rate is the highest over this. Default 25. */
  readonly initialDivisor?: number;
  /** The last rate is the first over this. Default 10,000. */
  readonly finalDivisor?: number;
}

/**
 * A rise and a fall, both half a cosine (Smith & Topin, "Super-convergence", 2018), as
 * `torch.optim.lr_scheduler.OneCycleLR` has it by default (its momentum stays as it is).
 */
export function oneCycleSchedule(options: OneCycleScheduleOptions): Schedule {
  const { learningRate, totalSteps, risingPart = 0.3, initialDivisor = 25, finalDivisor = 10_000 } = options;
  const first = learningRate / initialDivisor;
  const last = first / finalDivisor;
  const peak = risingPart * totalSteps - 1;
  const end = totalSteps - 1;
  const between = (from: number, to: number, progress: number): number =>
    to + ((from - to) / 2) * (1 + Math.cos(Math.PI * progress));
  return (step) => {
    if (step < peak) return between(first, learningRate, step / peak);
    return between(learningRate, last, Math.min((step - peak) / (end - peak), 1));
  };
}
