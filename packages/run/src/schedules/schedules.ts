/**
 * Learning rate by step, the first step being 0. A pure function, unless the schedule follows the validation loss. Such
 * a schedule observes each validation, and its state is part of checkpoints.
 */
export interface Schedule {
  (step: number): number;
  readonly following?: ValidationFollower;
}

/** Part of a schedule that follows the validation loss. */
interface ValidationFollower {
  /** Records the loss of a validation. */
  observe(loss: number): void;
  /** State as JSON. */
  readonly state: unknown;
  /** @throws UserError where `state` is not the state of such a schedule */
  restore(state: unknown): void;
}

/** Highest rate and the warm-up. */
export interface WarmupOptions {
  /** Highest rate, reached at the end of the warm-up. */
  readonly learningRate: number;
  /** Steps of linear warm-up from learningRate / warmupSteps. Default 0. */
  readonly warmupSteps?: number;
}

/** Linear warm-up, then `after` as a fraction of the highest rate by steps since the warm-up. */
export function warmedUp(
  { learningRate, warmupSteps = 0 }: WarmupOptions,
  after: (step: number) => number,
): (step: number) => number {
  return (step) =>
    step < warmupSteps ? (learningRate * (step + 1)) / warmupSteps : learningRate * after(step - warmupSteps);
}

/** Same rate at every step after the warm-up. */
export function constantSchedule(learningRate: number, warmupSteps = 0): Schedule {
  return warmedUp({ learningRate, warmupSteps }, () => 1);
}

export interface CosineScheduleOptions extends WarmupOptions {
  /** Steps of the whole run. Beyond them the rate stays at its lowest. */
  readonly totalSteps: number;
  /** Lowest rate as a fraction of the highest. Default 0. */
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
  /** Steps between two decreases, counted from the end of the warm-up. */
  readonly everySteps: number;
  /** Factor of the learning rate at each decrease. Default 0.1. */
  readonly factor?: number;
}

/** Linear warm-up, then a staircase, like `torch.optim.lr_scheduler.StepLR`. */
export function stepSchedule(options: StepScheduleOptions): Schedule {
  const { everySteps, factor = 0.1 } = options;
  return warmedUp(options, (step) => factor ** Math.floor(step / everySteps));
}

/**
 * Linear warm-up, then decay by the inverse square root of the step: α √(w / t) for t ≥ w (Vaswani et al., 2017,
 * section 5.3, with the highest rate in place of d_model^-½ w^-½).
 */
export function inverseSquareRootSchedule(options: WarmupOptions): Schedule {
  const warmupSteps = Math.max(options.warmupSteps ?? 0, 1);
  return warmedUp({ ...options, warmupSteps }, (step) => Math.sqrt(warmupSteps / (step + warmupSteps + 1)));
}

export interface OneCycleScheduleOptions {
  /** Highest rate. */
  readonly learningRate: number;
  readonly totalSteps: number;
  /** Fraction of the steps in which the rate rises. Default 0.3. */
  readonly risingPart?: number;
  /** Ratio of the highest rate to the first. Default 25. */
  readonly initialDivisor?: number;
  /** Ratio of the first rate to the last. Default 10,000. */
  readonly finalDivisor?: number;
}

/**
 * Rise and fall, both half a cosine (Smith & Topin, "Super-convergence", 2018), with the defaults of
 * `torch.optim.lr_scheduler.OneCycleLR` and constant momentum.
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
