/** The learning rate of a step, the first step being 0. */
export type Schedule = (step: number) => number;

/** The same rate at every step. */
export function constantSchedule(learningRate: number): Schedule {
  return () => learningRate;
}

export interface CosineScheduleOptions {
  /** The highest rate, reached when the warm-up ends. */
  readonly learningRate: number;
  /** Steps of linear rise from learningRate / warmupSteps. Default 0. */
  readonly warmupSteps?: number;
  /** Steps of the whole run; beyond them the rate stays at its lowest. */
  readonly totalSteps: number;
  /** The lowest rate, as a part of the highest. Default 0. */
  readonly finalFraction?: number;
}

/** Linear warm-up, then half a cosine down to the lowest rate (Loshchilov & Hutter, SGDR, 2017, equation 5). */
export function cosineSchedule(options: CosineScheduleOptions): Schedule {
  const { learningRate, warmupSteps = 0, totalSteps, finalFraction = 0 } = options;
  return (step) => {
    if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
    const progress = Math.min((step - warmupSteps) / Math.max(totalSteps - warmupSteps, 1), 1);
    return learningRate * (finalFraction + (1 - finalFraction) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
}
