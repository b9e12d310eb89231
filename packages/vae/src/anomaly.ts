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

const SCORED_AT_ONCE = 500;
/** Samples for the likelihood of an image where the configuration names no number. */
const LIKELIHOOD_SAMPLES = 50;
const SHOWN = 60;

/** Scores by name, the higher the stranger, of each image. */
type AnomalyScores = Readonly<Record<string, ArrayLike<number>>>;

export interface AnomalyReport {
  /** By score: the chance that an image of the held-out digit scores higher than one of the others. */
  readonly areas: Readonly<Record<string, number>>;
  readonly figures: Readonly<Record<string, Figure>>;
}

/**
 * Ranks the test images of a model that one digit was held out of the training of: by the reconstruction's cross-entropy,
 * and of a VAE by its negative log-likelihood, importance-sampled; by `novelty`, the distance to the reconstruction
 * times that of the latents to those of training images, for what a model reconstructs well may have latents that no known
 * image has (after Denouden et al., https://arxiv.org/abs/1812.02765, who add a Mahalanobis distance, weighted); beside
 * them by `nearest`, the distance to the training images, which needs no model; and by all of these without what plain
 * images have less of, which the validation images tell.
 * @throws UserError where no digit was held out, or not `digit`
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
      'data.heldOutDigit: expected a model that one digit was held out of, got one that was trained on all ten; train with --set data.heldOutDigit=8',
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
    const { costs, residuals } = await reconstructionErrors(model, digits);
    const latentDistances = await inLatents.distances(digits);
    return {
      reconstruction: costs,
      ...(model.posterior === 'normal' && { likelihood: await likelihood(digits) }),
      novelty: residuals.map((residual, image) => residual * latentDistances[image]!),
      nearest: await inPixels.distances(digits),
    };
  };
  const [usual, known, strange] = [await scoreAll(validation), await scoreAll(test), await scoreAll(anomalies)];
  inPixels.dispose();
  inLatents.dispose();
  const areas: Record<string, number> = {};
  const figures: Record<string, Figure> = {};
  const rank = async (name: string, ofKnown: ArrayLike<number>, ofStrange: ArrayLike<number>): Promise<void> => {
    areas[name] = areaUnderCurve(ofKnown, ofStrange);
    const figure = await mostAnomalous(test, anomalies, ofKnown, ofStrange, name);
    figures[`anomalies-by-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`] = figure;
  };
  for (const [name, values] of Object.entries(known)) {
    await rank(name, values, strange[name]!);
    const fit = new ComplexityFit(validation, usual[name]!);
    const adjusted = `adjusted${name[0]!.toUpperCase()}${name.slice(1)}`;
    await rank(adjusted, fit.adjusted(test, values), fit.adjusted(anomalies, strange[name]!));
  }
  return { areas, figures };
}

/** Of each image's reconstruction: its cross-entropy in nats, and its distance to the image. */
async function reconstructionErrors(
  model: Vae,
  digits: Digits,
): Promise<Readonly<Record<'costs' | 'residuals', Float64Array>>> {
  const [costs, residuals] = [new Float64Array(digits.count), new Float64Array(digits.count)];
  let first = 0;
  for await (const { images } of imageBatches(digits, SCORED_AT_ONCE).batches(0)) {
    const errors = tf.tidy(() => {
      const logits = model.decode(embed(model, images), images);
      const distances = tf.sqrt(tf.sum(tf.squaredDifference(tf.sigmoid(logits), images), 1));
      return { costs: reconstructionLoss(logits, images), distances };
    });
    images.dispose();
    costs.set(await read(errors.costs), first);
    residuals.set(await read(errors.distances), first);
    first += SCORED_AT_ONCE;
  }
  return { costs, residuals };
}

/**
 * The area under the receiver operating characteristic: the chance that a score of the second kind is higher than one of
 * the first, a tie counting half (Mann & Whitney, 1947).
 */
export function areaUnderCurve(known: ArrayLike<number>, strange: ArrayLike<number>): number {
  const scores = [
    ...Array.from(known, (score) => ({ score, isStrange: false })),
    ...Array.from(strange, (score) => ({ score, isStrange: true })),
  ].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let first = 0; first < scores.length;) {
    let next = first;
    while (next < scores.length && scores[next]!.score === scores[first]!.score) next++;
    const rank = (first + 1 + next) / 2; // of all that tie
    for (; first < next; first++) if (scores[first]!.isStrange) rankSum += rank;
  }
  const pairs = known.length * strange.length;
  return (rankSum - (strange.length * (strange.length + 1)) / 2) / pairs;
}

async function mostAnomalous(
  test: Digits,
  anomalies: Digits,
  known: ArrayLike<number>,
  strange: ArrayLike<number>,
  name: string,
): Promise<Figure> {
  const all = [
    ...Array.from(known, (score, position) => ({ score, digits: test, position })),
    ...Array.from(strange, (score, position) => ({ score, digits: anomalies, position })),
  ];
  const top = all.sort((a, b) => b.score - a.score).slice(0, SHOWN);
  const found = top.filter(({ digits }) => digits === anomalies).length;
  const pixels = top.map(({ digits, position }) => take(digits, [position]).images);
  return imageGrid({
    images: Uint8Array.from(pixels.flatMap((image) => Array.from(image))),
    shape: [top.length, IMAGE_SIZE, IMAGE_SIZE, 1],
    columns: 10,
    scale: 2,
    title: `The strangest by ${name}: ${found} of ${top.length} show the digit that was held out`,
  });
}
