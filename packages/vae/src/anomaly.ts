import { RandomStream } from '@motley/core';
import { UserError } from '@motley/run';
import { type Figure, imageGrid } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { imageBatches } from './batches.ts';
import { ComplexityFit } from './complexity.ts';
import type { VaeConfig } from './config.ts';
import { take, type Digits, type VaeData } from './data.ts';
import { negativeLogLikelihoods } from './likelihood.ts';
import { reconstructionLoss } from './loss.ts';
import { IMAGE_SIZE, type Vae } from './model.ts';
import { NearestImages } from './nearest-images.ts';
import { embed } from './predict.ts';
import { read } from './sample.ts';

const BATCH_SIZE = 500;
/** Importance samples per image if the configuration gives no number. */
const LIKELIHOOD_SAMPLES = 50;
const SHOWN_COUNT = 60;

/** Anomaly scores [N] by name; higher is more anomalous. */
type AnomalyScores = Readonly<Record<string, ArrayLike<number>>>;

export interface AnomalyReport {
  /** Area under the ROC curve by score: held-out digit against the others. */
  readonly areas: Readonly<Record<string, number>>;
  readonly figures: Readonly<Record<string, Figure>>;
}

/**
 * Ranks test images by how anomalous they look to a model trained without one digit. Scores:
 *
 * - `reconstruction`: cross-entropy of the reconstruction;
 * - `likelihood`: negative log-likelihood of a VAE by importance sampling;
 * - `novelty`: distance to the reconstruction times the latents' distance to those of the nearest training images (after
 *   Denouden et al., https://arxiv.org/abs/1812.02765, who add a weighted Mahalanobis distance);
 * - `nearest`: distance to the nearest training images, a baseline without a model;
 * - `adjusted…`: each of these corrected for image complexity, which is fitted on validation images.
 * @throws UserError if no digit was held out, or another one than `digit`
 */
export async function findAnomalies(
  model: Vae,
  { training, validation, test, anomalies }: VaeData,
  { data, evaluation }: Pick<VaeConfig, 'data' | 'evaluation'>,
  digit: number | null = null,
): Promise<AnomalyReport> {
  const heldOut = data.heldOutDigit;
  if (heldOut === null || anomalies === undefined)
    throw new UserError(
      'data.heldOutDigit: expected a model trained without one digit, got one trained on all ten; train with --set data.heldOutDigit=8',
    );
  if (digit !== null && digit !== heldOut)
    throw new UserError(`--digit: expected ${heldOut}, the digit that this run held out, got ${digit}`);
  model.eval();
  const samples = evaluation.importanceSamples === 0 ? LIKELIHOOD_SAMPLES : evaluation.importanceSamples;
  const likelihood = (digits: Digits): Promise<Float64Array> =>
    negativeLogLikelihoods(model, digits, samples, RandomStream.fromSeed(0).fork('anomalies'));
  const inPixels = await NearestImages.of(training);
  const inLatents = await NearestImages.of(training, (images) => embed(model, images));
  const scoreAll = async (digits: Digits): Promise<AnomalyScores> => {
    const { crossEntropies, distances } = await reconstructionErrors(model, digits);
    const latentDistances = await inLatents.distances(digits);
    return {
      reconstruction: crossEntropies,
      ...(model.posterior === 'normal' && { likelihood: await likelihood(digits) }),
      novelty: distances.map((distance, image) => distance * latentDistances[image]!),
      nearest: await inPixels.distances(digits),
    };
  };
  const [validationScores, normalScores, anomalousScores] = [
    await scoreAll(validation),
    await scoreAll(test),
    await scoreAll(anomalies),
  ];
  inPixels.dispose();
  inLatents.dispose();
  const areas: Record<string, number> = {};
  const figures: Record<string, Figure> = {};
  const rank = async (name: string, normal: ArrayLike<number>, anomalous: ArrayLike<number>): Promise<void> => {
    areas[name] = areaUnderCurve(normal, anomalous);
    const figure = await mostAnomalous(test, anomalies, normal, anomalous, name);
    figures[`anomalies-by-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`] = figure;
  };
  for (const [name, values] of Object.entries(normalScores)) {
    await rank(name, values, anomalousScores[name]!);
    const fit = new ComplexityFit(validation, validationScores[name]!);
    const adjusted = `adjusted${name[0]!.toUpperCase()}${name.slice(1)}`;
    await rank(adjusted, fit.adjusted(test, values), fit.adjusted(anomalies, anomalousScores[name]!));
  }
  return { areas, figures };
}

/** Cross-entropy in nats [N] of each image's reconstruction, and its Euclidean distance to the image [N]. */
async function reconstructionErrors(
  model: Vae,
  digits: Digits,
): Promise<Readonly<Record<'crossEntropies' | 'distances', Float64Array>>> {
  const [crossEntropies, distances] = [new Float64Array(digits.count), new Float64Array(digits.count)];
  let first = 0;
  for await (const { images } of imageBatches(digits, BATCH_SIZE).batches(0)) {
    const errors = tf.tidy(() => {
      const logits = model.decode(embed(model, images), images);
      return {
        crossEntropies: reconstructionLoss(logits, images),
        distances: tf.sqrt(tf.sum(tf.squaredDifference(tf.sigmoid(logits), images), 1)),
      };
    });
    images.dispose();
    crossEntropies.set(await read(errors.crossEntropies), first);
    distances.set(await read(errors.distances), first);
    first += BATCH_SIZE;
  }
  return { crossEntropies, distances };
}

/**
 * Area under the receiver operating characteristic: the probability that an anomalous score exceeds a normal one, where
 * ties count half (Mann & Whitney, 1947).
 */
export function areaUnderCurve(normal: ArrayLike<number>, anomalous: ArrayLike<number>): number {
  const scores = [
    ...Array.from(normal, (score) => ({ score, isAnomalous: false })),
    ...Array.from(anomalous, (score) => ({ score, isAnomalous: true })),
  ].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let first = 0; first < scores.length;) {
    let next = first;
    while (next < scores.length && scores[next]!.score === scores[first]!.score) next++;
    const rank = (first + 1 + next) / 2; // mean rank of the tied scores
    for (; first < next; first++) if (scores[first]!.isAnomalous) rankSum += rank;
  }
  const pairs = normal.length * anomalous.length;
  return (rankSum - (anomalous.length * (anomalous.length + 1)) / 2) / pairs;
}

async function mostAnomalous(
  test: Digits,
  anomalies: Digits,
  normal: ArrayLike<number>,
  anomalous: ArrayLike<number>,
  name: string,
): Promise<Figure> {
  const all = [
    ...Array.from(normal, (score, position) => ({ score, digits: test, position })),
    ...Array.from(anomalous, (score, position) => ({ score, digits: anomalies, position })),
  ];
  const top = all.sort((a, b) => b.score - a.score).slice(0, SHOWN_COUNT);
  const found = top.filter(({ digits }) => digits === anomalies).length;
  const pixels = top.map(({ digits, position }) => take(digits, [position]).images);
  return imageGrid({
    images: Uint8Array.from(pixels.flatMap((image) => Array.from(image))),
    shape: [top.length, IMAGE_SIZE, IMAGE_SIZE, 1],
    columns: 10,
    scale: 2,
    title: `Most anomalous by ${name}: ${found} of ${top.length} show the held-out digit`,
  });
}
