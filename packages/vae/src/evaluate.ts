import {
  ArrayBatches,
  meanAndDeviation,
  meanTerms,
  RandomStream,
  RunningMeans,
  type EvaluationLimits,
} from '@motley/core';
import type { Digits } from './data.ts';
import { vaeLoss } from './loss.ts';
import { PIXELS, type Vae } from './model.ts';

/** Large, for there is no gradient to hold; even, so that the figure does not hang on the training's batch size. */
const EVALUATION_BATCH_SIZE = 500;

/** Batches of images in [0, 1], `images` [B, 784], in their own order. */
export function imageBatches({ images }: Digits, batchSize: number, random?: RandomStream): ArrayBatches<'images'> {
  const field = { values: images, shape: [PIXELS], divisor: 255 };
  return new ArrayBatches({ images: field }, { batchSize, ...(random && { random }) });
}

/** Means over all images, in nats per image: loss, reconstruction and kl, with one sample from each posterior. */
export function measure(
  model: Vae,
  digits: Digits,
  random: RandomStream,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  const batches = imageBatches(digits, EVALUATION_BATCH_SIZE);
  return meanTerms(batches, ({ images }) => vaeLoss(model.forward(images, random), images), limits);
}

/** The same for several seeds of the posterior's noise: the mean, and how far the loss strays from seed to seed. */
export async function evaluate(
  model: Vae,
  digits: Digits,
  { noiseSeeds, seed }: { readonly noiseSeeds: number; readonly seed: number },
): Promise<Record<string, number>> {
  model.eval();
  const random = RandomStream.fromSeed(seed).fork('evaluation');
  const losses: number[] = [];
  const means = new RunningMeans();
  for (let index = 0; index < noiseSeeds; index++) {
    const figures = await measure(model, digits, random.fork(index));
    losses.push(figures.loss!);
    means.add(figures);
  }
  const spread = noiseSeeds > 1 ? { lossStandardDeviation: meanAndDeviation(losses).standardDeviation } : {};
  return { ...means.means, ...spread };
}

/**
 * What needs no model, in nats per image: `pixelMean` gives each pixel its mean over the training images, `uniform`
 * every pixel ½. `perfectReconstruction` is the entropy of the grey levels themselves: no decoder goes below it.
 */
export function baselines(training: Digits, test: Digits): Record<string, Record<string, number>> {
  const mean = pixelMeans(training);
  const perPixel = (cost: (x: number, pixel: number) => number): number => {
    let sum = 0;
    for (const [index, value] of test.images.entries()) sum += cost(value / 255, index % PIXELS);
    return sum / test.count;
  };
  const pixelMean = perPixel((x, pixel) => crossEntropy(x, mean[pixel]!));
  return {
    pixelMean: { loss: pixelMean, reconstruction: pixelMean, kl: 0 },
    uniform: { loss: PIXELS * Math.LN2, reconstruction: PIXELS * Math.LN2, kl: 0 },
    perfectReconstruction: { reconstruction: perPixel((x) => crossEntropy(x, x)) },
  };
}

/** Means in [0, 1], half a grey level off the ends: a pixel that was always black may not be for ever. */
function pixelMeans({ images, count }: Digits): Float64Array {
  const sums = new Float64Array(PIXELS);
  for (const [index, value] of images.entries()) sums[index % PIXELS]! += value;
  return sums.map((sum) => (sum + 0.5) / (255 * count + 1));
}

function crossEntropy(x: number, probability: number): number {
  const term = (weight: number, p: number): number => (weight === 0 ? 0 : -weight * Math.log(p));
  return term(x, probability) + term(1 - x, 1 - probability);
}
