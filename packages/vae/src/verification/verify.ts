import { RandomStream } from '@motley/core';
import { meanAndDeviation, RunningMeans } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { Digits } from '../data.ts';
import { withImages } from '../image-figures.ts';
import { PIXELS, type Vae } from '../model.ts';
import { reconstruct } from '../predict.ts';
import { read, samplePrior } from '../sample.ts';
import { judge, predictability, quality, type Quality, type Verdicts } from './measures.ts';
import { DIGITS, type VerificationNetwork } from './network.ts';

const JUDGED_AT_ONCE = 1000;
/** Channels of a stacked image. */
const STACKED = 3;

export interface VerifyOptions {
  readonly tolerance: number;
  readonly stackedTolerance: number;
  /** Images of one draw; coverage depends on it. */
  readonly samples: number;
  /** Times that so many are drawn: the figures are means, their deviation that of a single draw. */
  readonly draws: number;
  /** Of the prior that is drawn from. */
  readonly deviation: number;
  readonly seed: number;
}

/** The tolerances are the course's, for one digit and for three. */
export const USUAL: VerifyOptions = {
  tolerance: 0.8,
  stackedTolerance: 0.5,
  samples: 1000,
  draws: 3,
  deviation: 1,
  seed: 0,
};

type Figures = Record<string, number>;

/**
 * Judges a model: of the reconstructions of test images how many show the digit they should; of generated images how
 * many show a digit at all, and how many of the classes there are among them. A model of one channel is judged on stacks
 * of three too, each channel of which it makes by itself; test stacks are drawn from the test images.
 */
export async function verify(
  network: VerificationNetwork,
  model: Vae,
  test: Digits,
  options: VerifyOptions,
): Promise<{ readonly test: Figures; readonly generated: Figures }> {
  model.eval();
  network.eval();
  const random = RandomStream.fromSeed(options.seed).fork('verify');
  const { imageChannels } = model;
  const reconstructed = await beliefsOf(network, await reconstructAll(model, test), imageChannels);
  const generated: Quality[][] = [[], []];
  for (let draw = 0; draw < options.draws; draw++) {
    const perImage = imageChannels === 1 ? STACKED : 1;
    const images = await samplePrior(model, perImage * options.samples, random.fork(draw), options.deviation);
    const beliefs = await beliefsOf(network, images, imageChannels);
    if (imageChannels === 1) generated[0]!.push(quality(judge(beliefs, 1), options.tolerance));
    generated[1]!.push(quality(judge(beliefs, STACKED), options.stackedTolerance));
  }
  return {
    test: onTest(reconstructed, test, options, random),
    generated: { ...meansOf(generated[0]!, ''), ...meansOf(generated[1]!, 'stacked') },
  };
}

/** The same of the test images themselves: what a perfect model would have. */
export async function verifyRealImages(
  network: VerificationNetwork,
  test: Digits,
  channels: number,
  options: VerifyOptions,
): Promise<Figures> {
  network.eval();
  const pixels = Float32Array.from(test.images, (value) => value / 255);
  const random = RandomStream.fromSeed(options.seed).fork('verify');
  return onTest(await beliefsOf(network, pixels, channels), test, options, random);
}

function onTest(beliefs: Float32Array, test: Digits, options: VerifyOptions, random: RandomStream): Figures {
  const { tolerance, stackedTolerance } = options;
  if (beliefs.length === test.count * DIGITS * STACKED)
    return named(predictability(judge(beliefs, STACKED), test.labels, stackedTolerance), 'stacked');
  const stacks = stackOf(beliefs, test, random.fork('stacks'));
  return {
    ...predictability(judge(beliefs, 1), test.labels, tolerance),
    ...named(predictability(stacks.verdicts, stacks.labels, stackedTolerance), 'stacked'),
  };
}

/** As many stacks as images, of three each: an image's beliefs do not depend on what it is stacked with. */
function stackOf(
  beliefs: Float32Array,
  { labels, count }: Digits,
  random: RandomStream,
): { readonly verdicts: Verdicts; readonly labels: number[] } {
  const chosen = random.integers(STACKED * count, 0, count);
  const stacked = new Float32Array(chosen.length * DIGITS);
  for (const [row, image] of chosen.entries())
    stacked.set(beliefs.subarray(image * DIGITS, (image + 1) * DIGITS), row * DIGITS);
  const digit = (index: number): number => labels[chosen[index]!]!;
  const numbers = Array.from({ length: count }, (_, stack) => {
    return 100 * digit(3 * stack) + 10 * digit(3 * stack + 1) + digit(3 * stack + 2);
  });
  return { verdicts: judge(stacked, STACKED), labels: numbers };
}

/** Probabilities of the digits, channel by channel: [N, 784 · C] in [0, 1] → N · C · 10 values. */
export async function beliefsOf(
  network: VerificationNetwork,
  images: Float32Array,
  channels: number,
): Promise<Float32Array> {
  const singles = channels === 1 ? images : separated(images, channels);
  const count = singles.length / PIXELS;
  const beliefs = new Float32Array(count * DIGITS);
  const none = RandomStream.fromSeed(0);
  for (let first = 0; first < count; first += JUDGED_AT_ONCE) {
    const wanted = Math.min(JUDGED_AT_ONCE, count - first);
    const part = singles.subarray(first * PIXELS, (first + wanted) * PIXELS);
    const found = tf.tidy(() => tf.softmax(network.forward(tf.tensor(part, [wanted, PIXELS]), none)));
    beliefs.set(await read(found), first * DIGITS);
  }
  return beliefs;
}

/** [N, 784, C] → [N, C, 784] */
function separated(images: Float32Array, channels: number): Float32Array {
  const size = PIXELS * channels;
  return images.map((_, index) => {
    const [image, place] = [Math.floor(index / size), index % size];
    return images[image * size + (place % PIXELS) * channels + Math.floor(place / PIXELS)]!;
  });
}

async function reconstructAll(model: Vae, digits: Digits): Promise<Float32Array> {
  const size = digits.images.length / digits.count;
  const all = new Float32Array(digits.images.length);
  for (let first = 0; first < digits.count; first += JUDGED_AT_ONCE) {
    const count = Math.min(JUDGED_AT_ONCE, digits.count - first);
    const images = digits.images.subarray(first * size, (first + count) * size);
    const part = { images, labels: digits.labels.subarray(first, first + count), count };
    all.set(await withImages(part, (tensor) => reconstruct(model, tensor)), first * size);
  }
  return all;
}

function meansOf(draws: readonly Quality[], prefix: string): Figures {
  if (draws.length === 0) return {};
  const means = new RunningMeans();
  for (const draw of draws) means.add(draw);
  if (draws.length === 1) return named(means.means, prefix);
  const { standardDeviation } = meanAndDeviation(draws.map((draw) => draw.coverage));
  return named({ ...means.means, coverageStandardDeviation: standardDeviation }, prefix);
}

function named(figures: Readonly<Record<string, number>>, prefix: string): Figures {
  if (prefix === '') return figures;
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [prefix + name[0]!.toUpperCase() + name.slice(1), value]),
  );
}
