import { FIRST_WORD, type Language } from './language.ts';

/**
 * Exact posterior of a text under the language: P(c | w) ∝ P(w | c), as classes are equally frequent. With f(t) the
 * probability of the first t words, summed over all ways to cut them into background words and phrases,
 *
 *   f(0) = 1
 *   f(t) = f(t-1) (1 - r(t-1)) b(wₜ) + Σ_g f(t-2-g) r(t-2-g) / (G S² (g_max + 1)) [wₜ is a partner of wₜ₋₁₋g] Π b(between)
 *
 * where r(t) is the rate of phrases where a phrase has room, and 0 elsewhere; b are background probabilities, G groups
 * and S synonyms. The factors are scaled at each step, so long texts do not underflow.
 *
 * @param symbols a text without padding
 * @returns [classes]
 */
export function posterior(language: Language, symbols: ArrayLike<number>): Float64Array {
  const { classes } = language.settings;
  const logs = Float64Array.from({ length: classes }, (_, label) => logLikelihood(language, symbols, label));
  let highest = -Infinity;
  for (const log of logs) highest = Math.max(highest, log);
  const weights = logs.map((log) => Math.exp(log - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Logarithm of the probability of a text's words, given its class and length. */
export function logLikelihood(language: Language, symbols: ArrayLike<number>, label: number): number {
  const { groups, synonyms, phraseRate, largestGap } = language.settings;
  const { length } = symbols;
  const background = language.backgroundOf(label);
  const word = (time: number): number => symbols[time]! - FIRST_WORD;
  const rate = (time: number): number => (time + 2 + largestGap <= length ? phraseRate : 0);
  const ofPhrase = 1 / (groups * synonyms ** 2 * (largestGap + 1));
  // Scaled so that forward[t] = f(t) / exp(logScale) for the newest t; older values share the scale.
  const forward = new Float64Array(length + 1);
  forward[0] = 1;
  let logScale = 0;
  for (let time = 1; time <= length; time++) {
    let sum = forward[time - 1]! * (1 - rate(time - 1)) * background[word(time - 1)]!;
    const second = language.secondGroups[word(time - 1)]!;
    let between = 1;
    for (let gap = 0; second >= 0 && gap <= largestGap; gap++) {
      const start = time - 2 - gap;
      if (start < 0) break;
      const first = language.firstGroups[word(start)]!;
      if (first >= 0 && language.partners[label * groups + first] === second)
        sum += forward[start]! * rate(start) * ofPhrase * between;
      between *= background[word(start)]!;
    }
    // Each word is some thousand times less probable than the text before it.
    for (let earlier = Math.max(0, time - 2 - largestGap); earlier < time; earlier++) forward[earlier]! /= sum;
    forward[time] = 1;
    logScale += Math.log(sum);
  }
  return logScale;
}
