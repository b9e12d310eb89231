import { UserError } from '@motley/run';
import { DIGITS } from './network.ts';

/** What the verification network says of images of one digit, or of several as channels. */
export interface Verdicts {
  /** [N], the class that is believed in; of three channels the digits read as one number. */
  readonly predictions: ArrayLike<number>;
  /** [N], how much; of three channels the product of the three beliefs. */
  readonly beliefs: ArrayLike<number>;
  readonly classes: number;
}

/** Joins the channels' probabilities [N · C, 10], an image's channels side by side: the product of the best ones. */
export function judge(probabilities: Float32Array, channels: number): Verdicts {
  const count = probabilities.length / (DIGITS * channels);
  const predictions = new Int32Array(count);
  const beliefs = new Float32Array(count).fill(1);
  for (let image = 0; image < count; image++)
    for (let channel = 0; channel < channels; channel++) {
      const offset = (image * channels + channel) * DIGITS;
      const row = probabilities.subarray(offset, offset + DIGITS);
      const belief = Math.max(...row);
      predictions[image] = predictions[image]! * DIGITS + row.indexOf(belief);
      beliefs[image]! *= belief;
    }
  return { predictions, beliefs, classes: DIGITS ** channels };
}

/**
 * Parts of all images: `predictability`, those of which the network can say what they show (a belief of at least
 * `tolerance`); `accuracy`, those of which it says so and is right.
 * @throws UserError where the tolerance is no probability
 */
export function predictability(
  { predictions, beliefs }: Verdicts,
  labels: ArrayLike<number>,
  tolerance: number,
): { readonly predictability: number; readonly accuracy: number } {
  checkTolerance(tolerance);
  let [sure, right] = [0, 0];
  for (let image = 0; image < beliefs.length; image++)
    if (beliefs[image]! >= tolerance) {
      sure++;
      if (predictions[image] === labels[image]) right++;
    }
  return { predictability: sure / beliefs.length, accuracy: right / beliefs.length };
}

/** Of generated images, which have no label. */
export interface Quality extends Readonly<Record<string, number>> {
  /** The part of which the network can say what they show. */
  readonly quality: number;
  /** The part of all classes among those. */
  readonly coverage: number;
  /** The coverage that is to be expected of as many sure images if all classes were as frequent: 1 - (1 - 1/C)^n. */
  readonly ceiling: number;
  readonly coverageOfCeiling: number;
}

/** @throws UserError where the tolerance is no probability */
export function quality({ predictions, beliefs, classes }: Verdicts, tolerance: number): Quality {
  checkTolerance(tolerance);
  const seen = new Set<number>();
  let sure = 0;
  for (let image = 0; image < beliefs.length; image++)
    if (beliefs[image]! >= tolerance) {
      sure++;
      seen.add(predictions[image]!);
    }
  const coverage = seen.size / classes;
  const ceiling = 1 - (1 - 1 / classes) ** sure;
  const coverageOfCeiling = sure === 0 ? 0 : coverage / ceiling;
  return { quality: sure / beliefs.length, coverage, ceiling, coverageOfCeiling };
}

function checkTolerance(tolerance: number): void {
  if (!(tolerance > 0 && tolerance < 1))
    throw new UserError(`--tolerance: expected a number between 0 and 1, got ${tolerance}`);
}
