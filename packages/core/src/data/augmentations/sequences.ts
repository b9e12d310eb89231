import type { RandomNumbers } from '@motley/run';
import { integerBetween } from './image-array.ts';

export interface MaskOptions {
  /** Maximum length of a mask, in steps or features. */
  readonly maxLength: number;
  /** Number of masks. Default 1. */
  readonly count?: number;
  /** Value of masked elements. Default 0, the mean of standardized features. */
  readonly fill?: number;
}

/**
 * SpecAugment time masking: masks random intervals of 0 to `maxLength` steps (Park et al., 2019).
 * @param values [T, D] row-major; not modified
 * @param featureCount D
 * @throws RangeError where the values do not fill whole steps
 */
export function timeMask(
  values: Float32Array,
  featureCount: number,
  random: RandomNumbers,
  { maxLength, count = 1, fill = 0 }: MaskOptions,
): Float32Array {
  const steps = stepCount(values, featureCount);
  const output = values.slice();
  for (const [first, last] of stretches(steps, maxLength, count, random))
    output.fill(fill, first * featureCount, last * featureCount);
  return output;
}

/**
 * SpecAugment frequency masking: masks random bands of 0 to `maxLength` adjacent features (Park et al., 2019).
 * @param values [T, D] row-major; not modified
 * @param featureCount D
 * @throws RangeError where the values do not fill whole steps
 */
export function frequencyMask(
  values: Float32Array,
  featureCount: number,
  random: RandomNumbers,
  { maxLength, count = 1, fill = 0 }: MaskOptions,
): Float32Array {
  const steps = stepCount(values, featureCount);
  const output = values.slice();
  for (const [first, last] of stretches(featureCount, maxLength, count, random))
    for (let step = 0; step < steps; step++) output.fill(fill, step * featureCount + first, step * featureCount + last);
  return output;
}

function stepCount(values: Float32Array, featureCount: number): number {
  const steps = values.length / featureCount;
  if (!Number.isInteger(steps))
    throw new RangeError(`mask: expected steps of ${featureCount} features, got ${values.length} values`);
  return steps;
}

function stretches(
  size: number,
  maxLength: number,
  count: number,
  random: RandomNumbers,
): (readonly [number, number])[] {
  return Array.from({ length: count }, () => {
    const length = integerBetween(random, 0, Math.min(maxLength, size));
    const first = integerBetween(random, 0, size - length);
    return [first, first + length] as const;
  });
}
