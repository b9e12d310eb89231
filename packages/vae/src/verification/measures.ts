import { UserError, largest } from '@motley/run';
import { DIGITS } from './network.ts';

/** Classes predicted by the verification network for images of one digit, or of three as channels. */
export interface Predictions {
  /** [N], the most probable class; of three channels the digits read as one number. */
  readonly classes: ArrayLike<number>;
  /** [N], probability of that class; of three channels the product of the probabilities. */
  readonly confidences: ArrayLike<number>;
  readonly classCount: number;
}

/** Predicts images from the digit probabilities of their channels, [N · C, 10]. The channels of an image are adjacent rows. */
export function predictClasses(probabilities: Float32Array, channels: number): Predictions {
  const count = probabilities.length / (DIGITS * channels);
  const classes = new Int32Array(count);
  const confidences = new Float32Array(count).fill(1);
  for (let image = 0; image < count; image++)
    for (let channel = 0; channel < channels; channel++) {
      const offset = (image * channels + channel) * DIGITS;
      const row = probabilities.subarray(offset, offset + DIGITS);
      const confidence = largest(row);
      classes[image] = classes[image]! * DIGITS + row.indexOf(confidence);
      confidences[image]! *= confidence;
    }
  return { classes, confidences, classCount: DIGITS ** channels };
}

/**
 * Fractions of all images. `predictability`: the network's confidence is at least `tolerance`. `accuracy`: it is also
 * right.
 * @throws UserError if the tolerance is not between 0 and 1
 */
export function predictability(
  { classes, confidences }: Predictions,
  labels: ArrayLike<number>,
  tolerance: number,
): { readonly predictability: number; readonly accuracy: number } {
  checkTolerance(tolerance);
  let [confident, right] = [0, 0];
  for (let image = 0; image < confidences.length; image++)
    if (confidences[image]! >= tolerance) {
      confident++;
      if (classes[image] === labels[image]) right++;
    }
  return { predictability: confident / confidences.length, accuracy: right / confidences.length };
}

/** Scores of generated images, which have no labels. */
export interface Quality extends Readonly<Record<string, number>> {
  /** Fraction of images that the network classifies with confidence. */
  readonly quality: number;
  /** Fraction of all classes among those. */
  readonly coverage: number;
  /** Expected coverage of as many confident images if all C classes were equally frequent: 1 - (1 - 1/C)^n. */
  readonly ceiling: number;
  readonly coverageOfCeiling: number;
}

/**
 * Scores generated images.
 * @throws UserError if the tolerance is not between 0 and 1
 */
export function quality({ classes, confidences, classCount }: Predictions, tolerance: number): Quality {
  checkTolerance(tolerance);
  const seen = new Set<number>();
  let confident = 0;
  for (let image = 0; image < confidences.length; image++)
    if (confidences[image]! >= tolerance) {
      confident++;
      seen.add(classes[image]!);
    }
  const coverage = seen.size / classCount;
  const ceiling = 1 - (1 - 1 / classCount) ** confident;
  const coverageOfCeiling = confident === 0 ? 0 : coverage / ceiling;
  return { quality: confident / confidences.length, coverage, ceiling, coverageOfCeiling };
}

function checkTolerance(tolerance: number): void {
  if (!(tolerance > 0 && tolerance < 1))
    throw new UserError(`--tolerance: expected a number between 0 and 1, got ${tolerance}`);
}
