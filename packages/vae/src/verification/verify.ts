import { RandomStream } from '@motley/core';
import { meanAndDeviation, RunningMeans } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { Digits } from '../data.ts';
import { withImages } from '../image-figures.ts';
import { PIXELS, type Vae } from '../model.ts';
import { reconstruct } from '../predict.ts';
import { read, samplePrior } from '../sample.ts';
import { predictability, predictClasses, quality, type Predictions, type Quality } from './measures.ts';
import { DIGITS, type VerificationNetwork } from './network.ts';

const BATCH_SIZE = 1000;
/** Channels of a stacked image. */
const STACKED = 3;

export interface VerifyOptions {
  readonly tolerance: number;
  readonly stackedTolerance: number;
  /** Generated images per draw. Coverage depends on it. */
  readonly samples: number;
  /** Repeated draws. Metrics are means over draws; the standard deviation is that between draws. */
  readonly draws: number;
  /** Factor of the prior's standard deviations. */
  readonly deviation: number;
  readonly seed: number;
}

export const verifyDefaults: VerifyOptions = {
  tolerance: 0.8,
  stackedTolerance: 0.5,
  samples: 1000,
  draws: 3,
  deviation: 1,
  seed: 0,
};

type Metrics = Record<string, number>;

/**
 * Scores a model with the verification network: predictability and accuracy of reconstructed test images; quality and
 * coverage of generated images. A model of one channel is also scored on stacks of three independent images, with test
 * stacks drawn from the test images.
 */
export async function verify(
  network: VerificationNetwork,
  model: Vae,
  test: Digits,
  options: VerifyOptions,
): Promise<{ readonly test: Metrics; readonly generated: Metrics }> {
  model.eval();
  network.eval();
  const random = RandomStream.fromSeed(options.seed).fork('verify');
  const { imageChannels } = model;
  const reconstructed = await digitProbabilities(network, await reconstructAll(model, test), imageChannels);
  const generated: Quality[][] = [[], []];
  for (let draw = 0; draw < options.draws; draw++) {
    const perImage = imageChannels === 1 ? STACKED : 1;
    const images = await samplePrior(model, perImage * options.samples, random.fork(draw), options.deviation);
    const probabilities = await digitProbabilities(network, images, imageChannels);
    if (imageChannels === 1) generated[0]!.push(quality(predictClasses(probabilities, 1), options.tolerance));
    generated[1]!.push(quality(predictClasses(probabilities, STACKED), options.stackedTolerance));
  }
  return {
    test: testMetrics(reconstructed, test, options, random),
    generated: { ...meansOf(generated[0]!, ''), ...meansOf(generated[1]!, 'stacked') },
  };
}

/** Scores the test images themselves, as a perfect model would reconstruct them. */
export async function verifyRealImages(
  network: VerificationNetwork,
  test: Digits,
  channels: number,
  options: VerifyOptions,
): Promise<Metrics> {
  network.eval();
  const pixels = Float32Array.from(test.images, (value) => value / 255);
  const random = RandomStream.fromSeed(options.seed).fork('verify');
  return testMetrics(await digitProbabilities(network, pixels, channels), test, options, random);
}

function testMetrics(probabilities: Float32Array, test: Digits, options: VerifyOptions, random: RandomStream): Metrics {
  const { tolerance, stackedTolerance } = options;
  if (probabilities.length === test.count * DIGITS * STACKED)
    return prefixed(predictability(predictClasses(probabilities, STACKED), test.labels, stackedTolerance), 'stacked');
  const stacks = drawStacks(probabilities, test, random.fork('stacks'));
  return {
    ...predictability(predictClasses(probabilities, 1), test.labels, tolerance),
    ...prefixed(predictability(stacks.predictions, stacks.labels, stackedTolerance), 'stacked'),
  };
}

/** Draws as many stacks of three as there are images. The digits of a stack are classified independently. */
function drawStacks(
  probabilities: Float32Array,
  { labels, count }: Digits,
  random: RandomStream,
): { readonly predictions: Predictions; readonly labels: number[] } {
  const chosen = random.integers(STACKED * count, 0, count);
  const stacked = new Float32Array(chosen.length * DIGITS);
  for (const [row, image] of chosen.entries())
    stacked.set(probabilities.subarray(image * DIGITS, (image + 1) * DIGITS), row * DIGITS);
  const digit = (index: number): number => labels[chosen[index]!]!;
  const numbers = Array.from({ length: count }, (_, stack) => {
    return 100 * digit(3 * stack) + 10 * digit(3 * stack + 1) + digit(3 * stack + 2);
  });
  return { predictions: predictClasses(stacked, STACKED), labels: numbers };
}

/** Digit probabilities of each channel: images [N, 784 · C] in [0, 1] → [N · C, 10], row-major. */
export async function digitProbabilities(
  network: VerificationNetwork,
  images: Float32Array,
  channels: number,
): Promise<Float32Array> {
  const singles = channels === 1 ? images : channelsFirst(images, channels);
  const count = singles.length / PIXELS;
  const probabilities = new Float32Array(count * DIGITS);
  const unused = RandomStream.fromSeed(0);
  for (let first = 0; first < count; first += BATCH_SIZE) {
    const wanted = Math.min(BATCH_SIZE, count - first);
    const part = singles.subarray(first * PIXELS, (first + wanted) * PIXELS);
    const found = tf.tidy(() => tf.softmax(network.forward(tf.tensor(part, [wanted, PIXELS]), unused)));
    probabilities.set(await read(found), first * DIGITS);
  }
  return probabilities;
}

/** Moves channels first: [N, 784, C] → [N, C, 784]. */
function channelsFirst(images: Float32Array, channels: number): Float32Array {
  const size = PIXELS * channels;
  return images.map((_, index) => {
    const [image, place] = [Math.floor(index / size), index % size];
    return images[image * size + (place % PIXELS) * channels + Math.floor(place / PIXELS)]!;
  });
}

async function reconstructAll(model: Vae, digits: Digits): Promise<Float32Array> {
  const size = digits.images.length / digits.count;
  const all = new Float32Array(digits.images.length);
  for (let first = 0; first < digits.count; first += BATCH_SIZE) {
    const count = Math.min(BATCH_SIZE, digits.count - first);
    const images = digits.images.subarray(first * size, (first + count) * size);
    const part = { images, labels: digits.labels.subarray(first, first + count), count };
    all.set(await withImages(part, (tensor) => reconstruct(model, tensor)), first * size);
  }
  return all;
}

function meansOf(draws: readonly Quality[], prefix: string): Metrics {
  if (draws.length === 0) return {};
  const means = new RunningMeans();
  for (const draw of draws) means.add(draw);
  if (draws.length === 1) return prefixed(means.means, prefix);
  const { standardDeviation } = meanAndDeviation(draws.map((draw) => draw.coverage));
  return prefixed({ ...means.means, coverageStandardDeviation: standardDeviation }, prefix);
}

function prefixed(figures: Readonly<Record<string, number>>, prefix: string): Metrics {
  if (prefix === '') return figures;
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [prefix + name[0]!.toUpperCase() + name.slice(1), value]),
  );
}
