import type { RandomNumbers } from '@motley/run';

/** Digit images to draw from, as core's `loadMnist` returns them. */
export interface DigitImages {
  /** [N, 28, 28], from 0 (black) to 255 (white). */
  readonly images: Uint8Array;
  /** [N], 0 to 9. */
  readonly labels: Uint8Array;
  readonly count: number;
}

/** Three digits, one per color channel. */
export interface StackedDigits {
  /** [28, 28, 3]: the first digit red, the second green, the third blue. */
  readonly image: Uint8Array;
  /** Class: the digits read as one number, 0 to 999. */
  readonly label: number;
  readonly digits: readonly [first: number, second: number, third: number];
}

const PIXELS = 28 * 28;
const CHANNELS = 3;

/**
 * Stacked MNIST: three digits drawn independently, as the channels of one image. Its thousand classes measure the mode
 * coverage of a generative model (Metz et al., "Unrolled generative adversarial networks", 2017).
 */
export function stackDigits({ images, labels, count }: DigitImages, random: RandomNumbers): StackedDigits {
  const chosen = random.integers(CHANNELS, 0, count);
  const image = new Uint8Array(PIXELS * CHANNELS);
  for (const [channel, index] of chosen.entries())
    for (let pixel = 0; pixel < PIXELS; pixel++) image[pixel * CHANNELS + channel] = images[index * PIXELS + pixel]!;
  const [first, second, third] = [labels[chosen[0]!]!, labels[chosen[1]!]!, labels[chosen[2]!]!];
  return { image, label: 100 * first + 10 * second + third, digits: [first, second, third] };
}
