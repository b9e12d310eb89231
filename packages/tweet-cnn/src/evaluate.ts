import { meanTerms } from '@motley/core';
import type { EvaluationLimits } from '@motley/run';
import { fitTfIdf } from './baselines/tf-idf.ts';
import { countOf, type LabeledTexts, type TextData, textAt, textBatches } from './labeled-texts.ts';
import { classificationLoss } from './loss.ts';
import type { TextCnn } from './model.ts';
import { predict } from './predict.ts';

/** Large, for there is no gradient to hold. */
const BATCH_SIZE = 500;
/** Bins of the calibration error. */
const BINS = 15;

type Numbers = Record<string, number>;

/** Cross-entropy in nats per text and accuracy: all that a validation needs. */
export function measure(model: TextCnn, texts: LabeledTexts, limits?: EvaluationLimits): Promise<Numbers> {
  const batches = textBatches(texts, model.labels.classNames.length, BATCH_SIZE);
  return meanTerms(batches, ({ symbols, labels }) => classificationLoss(model.forward(symbols), labels), limits);
}

/** All metrics of a model on texts that it was not trained on. */
export async function evaluate(model: TextCnn, data: TextData, texts: LabeledTexts): Promise<Numbers> {
  return metricsOf(await predict(model, texts.symbols, data.length), data, texts);
}

/**
 * Metrics of probabilities: cross-entropy, accuracy, that of the party, calibration error, and the distance from the
 * exact posterior where there is one (Kullback-Leibler divergence in nats).
 * @param probabilities [N, C]
 */
export function metricsOf(probabilities: ArrayLike<number>, data: TextData, texts: LabeledTexts): Numbers {
  const { labels, parties, optimum } = data;
  const classes = labels.classNames.length;
  const count = countOf(texts);
  let [nats, hits, partyHits, divergence] = [0, 0, 0, 0];
  const bins = Array.from({ length: BINS }, () => ({ sure: 0, right: 0 }));
  for (const [row, label] of texts.labels.entries()) {
    const own = Array.from({ length: classes }, (_, each) => probabilities[row * classes + each]!);
    const best = own.reduce((highest, value, each) => (value > own[highest]! ? each : highest), 0);
    nats -= Math.log(Math.max(own[label]!, Number.MIN_VALUE));
    hits += Number(best === label);
    const bin = bins[Math.min(BINS - 1, Math.floor(own[best]! * BINS))]!;
    bin.sure += own[best]!;
    bin.right += Number(best === label);
    if (parties !== undefined) partyHits += Number(likeliestParty(own, parties) === parties.ofClass[label]);
    if (optimum !== undefined) divergence += divergenceFrom(optimum(textAt(texts, row)), own);
  }
  const error = bins.reduce((sum, { sure, right }) => sum + Math.abs(sure - right), 0);
  return {
    loss: nats / count,
    accuracy: hits / count,
    ...(parties !== undefined && { partyAccuracy: partyHits / count }),
    calibrationError: error / count,
    ...(optimum !== undefined && { divergenceFromPosterior: divergence / count }),
  };
}

function likeliestParty(own: readonly number[], { names, ofClass }: NonNullable<TextData['parties']>): number {
  const shares = names.map((_, party) =>
    own.reduce((sum, value, label) => sum + (ofClass[label] === party ? value : 0), 0),
  );
  return shares.reduce((highest, share, party) => (share > shares[highest]! ? party : highest), 0);
}

/** Σ p log(p / q), in nats. */
function divergenceFrom(truth: Float64Array, found: readonly number[]): number {
  return truth.reduce(
    (sum, p, label) => sum + (p > 0 ? p * (Math.log(p) - Math.log(Math.max(found[label]!, Number.MIN_VALUE))) : 0),
    0,
  );
}

/** Exact posteriors of texts, [N, C]; undefined where it is not known how the texts come about. */
export function optimalProbabilities({ labels, optimum }: TextData, texts: LabeledTexts): Float64Array | undefined {
  if (optimum === undefined) return undefined;
  const classes = labels.classNames.length;
  const probabilities = new Float64Array(countOf(texts) * classes);
  for (let row = 0; row < countOf(texts); row++) probabilities.set(optimum(textAt(texts, row)), row * classes);
  return probabilities;
}

/**
 * Metrics without a network, on the test texts: class frequencies of the training, TF-IDF with logistic regression on
 * words and on words with bigrams, and the exact posterior where it is known.
 */
export function baselines(data: TextData): Record<string, Numbers> {
  const { training, test, labels } = data;
  const classes = labels.classNames.length;
  const frequencies = new Float64Array(classes);
  for (const label of training.labels) frequencies[label]! += 1 / countOf(training);
  const majority = Float64Array.from({ length: countOf(test) * classes }, (_, index) =>
    Math.max(frequencies[index % classes]!, 1 / countOf(training)),
  );
  const measured = (probabilities: ArrayLike<number>): Numbers => metricsOf(probabilities, data, test);
  const optimal = optimalProbabilities(data, test);
  return {
    majority: measured(majority),
    tfIdfWords: measured(fitTfIdf(training, classes, { longestGram: 1 }).predict(test)),
    tfIdfBigrams: measured(fitTfIdf(training, classes, { longestGram: 2 }).predict(test)),
    ...(optimal !== undefined && { optimum: measured(optimal) }),
  };
}
