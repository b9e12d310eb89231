import type { RandomNumbers } from '@motley/run';
import { numberBetween, writable, type Pixels } from './image-array.ts';

/** Example with a numeric target: one-hot, or a mixture. */
export interface MixableExample<Values extends Pixels = Pixels> {
  readonly values: Values;
  /** Class weights [K]. */
  readonly target: Float32Array;
}

/**
 * Mixup: blends two examples and their targets by a fraction λ ~ Beta(α, α) (Zhang et al., 2018). Pair examples with
 * `Dataset.zip(examples, examples.shuffle(random)).map(([a, b], random) => mixUp(a, b, random), random)`.
 * @throws RangeError where the two differ in size, or α is not above 0
 */
export function mixUp<Values extends Pixels>(
  first: MixableExample<Values>,
  second: MixableExample<Values>,
  random: RandomNumbers,
  alpha = 0.2,
): MixableExample<Values> {
  const share = betaValue(random, alpha);
  return {
    values: blended(first.values, second.values, share),
    target: blended(first.target, second.target, share),
  };
}

function blended<Values extends Pixels>(first: Values, second: Values, share: number): Values {
  if (first.length !== second.length)
    throw new RangeError(`mixUp: expected examples of equal size, got ${first.length} and ${second.length} values`);
  const output = first.slice() as Values;
  const target = writable(output);
  for (let index = 0; index < first.length; index++)
    target[index] = share * first[index]! + (1 - share) * second[index]!;
  return output;
}

/** Draws from Beta(α, α), as a ratio of two gamma samples. */
function betaValue(random: RandomNumbers, alpha: number): number {
  if (!(alpha > 0)) throw new RangeError(`mixUp: expected alpha above 0, got ${alpha}`);
  const [first, second] = [logGammaValue(random, alpha), logGammaValue(random, alpha)];
  return 1 / (1 + Math.exp(second - first));
}

/**
 * Logarithm of a Gamma(shape, 1) sample (Marsaglia & Tsang, 2000; section 6 for shapes below 1). The sample itself
 * would underflow to 0 for small shapes.
 */
function logGammaValue(random: RandomNumbers, shape: number): number {
  if (shape < 1) return logGammaValue(random, shape + 1) + Math.log(positiveUniform(random)) / shape;
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normalValues(1)[0]!;
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(positiveUniform(random)) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

function positiveUniform(random: RandomNumbers): number {
  return 1 - numberBetween(random, 0, 1);
}
