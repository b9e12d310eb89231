import { meanTerms, RandomStream } from '@motley/core';
import { meanAndDeviation, RunningMeans, type EvaluationLimits } from '@motley/run';
import type * as tf from '@tensorflow/tfjs-core';
import { imageBatches } from './batches.ts';
import type { VaeConfig } from './config.ts';
import { first, type Digits } from './data.ts';
import { negativeLogLikelihoods } from './likelihood.ts';
import { vaeLoss } from './loss.ts';
import type { Vae } from './model.ts';

/** Independent of the training's batch size, so that it does not affect the metrics. */
const EVALUATION_BATCH_SIZE = 500;

/**
 * Mean objective over all images and its unweighted terms, in nats per image. Each image has as many posterior samples
 * as in training.
 */
export function measure(
  model: Vae,
  digits: Digits,
  objective: VaeConfig['objective'],
  random: RandomStream,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  const batchSize = Math.max(1, Math.floor(EVALUATION_BATCH_SIZE / objective.importanceSamples));
  const withoutLabels = { ...objective, centerWeight: 0 };
  const termsOf = ({ images }: { readonly images: tf.Tensor }) =>
    vaeLoss(model.forward(images, random, objective.importanceSamples), { images }, withoutLabels);
  return meanTerms(imageBatches(digits, batchSize), termsOf, limits);
}

/**
 * Means of `measure` over several noise seeds, and the loss's standard deviation between them. For binary images also
 * `negativeLogLikelihood`, if the configuration sets importance samples.
 */
export async function evaluate(
  model: Vae,
  digits: Digits,
  { objective, evaluation, data, training }: Pick<VaeConfig, 'objective' | 'evaluation' | 'data' | 'training'>,
): Promise<Record<string, number>> {
  model.eval();
  const { noiseSeeds, importanceSamples, likelihoodExamples } = evaluation;
  const random = RandomStream.fromSeed(training.seed).fork('evaluation');
  const losses: number[] = [];
  const means = new RunningMeans();
  for (let index = 0; index < noiseSeeds; index++) {
    const figures = await measure(model, digits, objective, random.fork(index));
    losses.push(figures.loss!);
    means.add(figures);
  }
  const spread = noiseSeeds > 1 ? { lossStandardDeviation: meanAndDeviation(losses).standardDeviation } : {};
  if (importanceSamples === 0 || data.pixels === 'gray') return { ...means.means, ...spread };
  const measured = likelihoodExamples === null ? digits : first(digits, likelihoodExamples);
  const nats = await negativeLogLikelihoods(model, measured, importanceSamples, random.fork('likelihood'));
  return { ...means.means, ...spread, negativeLogLikelihood: meanAndDeviation(Array.from(nats)).mean };
}

/**
 * Baselines without a model, in nats per image. `pixelMean` predicts each pixel's mean over the training images,
 * `uniform` predicts ½ everywhere. `perfectReconstruction` is the entropy of the gray levels, the lower limit of any
 * decoder.
 */
export function baselines(training: Digits, test: Digits): Record<string, Record<string, number>> {
  const mean = pixelMeans(training);
  const size = mean.length;
  const perPixel = (cost: (x: number, pixel: number) => number): number => {
    let sum = 0;
    for (const [index, value] of test.images.entries()) sum += cost(value / 255, index % size);
    return sum / test.count;
  };
  const pixelMean = perPixel((x, pixel) => crossEntropy(x, mean[pixel]!));
  return {
    pixelMean: { loss: pixelMean, reconstruction: pixelMean, kl: 0 },
    uniform: { loss: size * Math.LN2, reconstruction: size * Math.LN2, kl: 0 },
    perfectReconstruction: { reconstruction: perPixel((x) => crossEntropy(x, x)) },
  };
}

/** Mean of each pixel, smoothed away from 0 and 1 by half a gray level so that test cross-entropies stay finite. */
function pixelMeans({ images, count }: Digits): Float64Array {
  const size = images.length / count;
  const sums = new Float64Array(size);
  for (const [index, value] of images.entries()) sums[index % size]! += value;
  return sums.map((sum) => (sum + 0.5) / (255 * count + 1));
}

function crossEntropy(x: number, probability: number): number {
  const term = (weight: number, p: number): number => (weight === 0 ? 0 : -weight * Math.log(p));
  return term(x, probability) + term(1 - x, 1 - probability);
}
