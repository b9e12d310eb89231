/** Quantile of the normal distribution at 97.5 %, for an interval of 95 %. */
const Z = 1.959964;

/**
 * 95 % confidence interval of a probability after `successes` of `trials` (Wilson, "Probable inference, the law of
 * succession, and statistical inference", 1927). It is accurate near 0 and 1 too, where ±1.96 standard errors would
 * leave [0, 1] or shrink to nothing.
 * @throws RangeError where there are no trials, or more successes than trials
 */
export function wilsonInterval(successes: number, trials: number): readonly [low: number, high: number] {
  if (!(trials >= 1 && successes >= 0 && successes <= trials))
    throw new RangeError(`wilsonInterval: expected 0 to ${trials} successes of at least 1 trial, got ${successes}`);
  const share = successes / trials;
  const shrink = 1 + (Z * Z) / trials;
  const center = (share + (Z * Z) / (2 * trials)) / shrink;
  const reach = (Z / shrink) * Math.sqrt((share * (1 - share)) / trials + (Z * Z) / (4 * trials * trials));
  // Rounding would leave the ends slightly off where all or none succeeded.
  return [successes === 0 ? 0 : center - reach, successes === trials ? 1 : center + reach];
}
