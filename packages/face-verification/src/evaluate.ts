import { softmaxCrossEntropy } from '@motley/core';
import { Faces, logLikelihoodRatio, VerificationBound, FACE_DIMENSIONS } from '@motley/core/generators';
import { type Metrics, RandomNumbers } from '@motley/run';
import type { MetricTable } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { FaceVerificationConfig } from './config.ts';
import type { FaceData } from './data.ts';
import type { FaceNetwork } from './model.ts';
import { embed, embedPictures, inputOf } from './predict.ts';
import type { FacePictures } from './sources/people.ts';
import { bootstrapPeople } from './verification/bootstrap.ts';
import { drawFolds, type Fold, foldAccuracy } from './verification/folds.ts';
import { identifyOpenSet } from './verification/identification.ts';
import { eigenfaces, fisherfaces, grayVectors } from './verification/linear-faces.ts';
import { errorsByNuisance } from './verification/nuisances.ts';
import {
  type AllPairs,
  allPairs,
  cosineOf,
  nearnessOf,
  type PictureVectors,
  type Score,
} from './verification/pairs.ts';
import { decideAt, Roc } from './verification/roc.ts';

/** Pictures that are measured at once in a validation. */
const BATCH_SIZE = 100;

/** Measures of a model on the test pictures. */
export interface Evaluation {
  readonly metrics: Readonly<Record<string, number>>;
  readonly embeddings: PictureVectors;
  readonly pairs: AllPairs;
  readonly roc: Roc;
  /** At or above it, two pictures count as one person's. */
  readonly threshold: number;
}

/** Pairs of a part: what sets a threshold, and what measures. */
function pairsOf(vectors: PictureVectors, score: Score): AllPairs {
  return allPairs(vectors.people, score);
}

/** The test's own folds, or ten drawn ones. */
function foldsOf({ folds }: FaceData, { data }: FaceVerificationConfig, people: Int32Array): readonly Fold[] {
  return folds ?? drawFolds(people, RandomNumbers.fromSeed(data.seed).fork('folds'));
}

/** Measures of a score on the test pictures: areas, rates and intervals. */
function measureScore(
  vectors: PictureVectors,
  score: Score,
  data: FaceData,
  settings: FaceVerificationConfig,
  pairs = pairsOf(vectors, score),
): { readonly metrics: Record<string, number>; readonly pairs: AllPairs; readonly roc: Roc } {
  const roc = new Roc(pairs);
  const { resamples } = settings.evaluation;
  const random = RandomNumbers.fromSeed(settings.data.seed).fork('resamples');
  const intervals = bootstrapPeople(pairs, resamples, random);
  const folds = foldAccuracy(foldsOf(data, settings, vectors.people), score);
  const metrics = {
    equalErrorRate: roc.equalError().rate,
    ...(intervals && {
      equalErrorRateLow: intervals.equalErrorRate[0],
      equalErrorRateHigh: intervals.equalErrorRate[1],
    }),
    areaUnderCurve: roc.areaUnderCurve(),
    ...(intervals && {
      areaUnderCurveLow: intervals.areaUnderCurve[0],
      areaUnderCurveHigh: intervals.areaUnderCurve[1],
    }),
    trueAcceptsAt1in100: roc.at(1e-2).trueAccepts,
    trueAcceptsAt1in1000: roc.at(1e-3).trueAccepts,
    ...(folds && { foldAccuracy: folds.mean, foldAccuracyError: folds.standardError }),
  };
  return { metrics, pairs, roc };
}

/**
 * Measures a model on the pictures of unseen people: verification of all pairs, with 95 % intervals by drawing people; the
 * ten folds; the threshold that the validation people set, and its errors, by what disturbs the pictures too; open-set
 * identification; and the accuracy among the trained people.
 */
export async function evaluate(
  model: FaceNetwork,
  settings: FaceVerificationConfig,
  data: FaceData,
): Promise<Evaluation> {
  const { mirrored, falseAcceptRate } = settings.evaluation;
  const embeddings = await embedPictures(model, data.test, mirrored);
  const score = cosineOf(embeddings);
  const { metrics, pairs, roc } = measureScore(embeddings, score, data, settings);
  const threshold = await thresholdOf(model, settings, data);
  const decided = decideAt(pairs, threshold);
  const found = identifyOpenSet(data.test.people, score, falseAcceptRate);
  return {
    metrics: {
      ...metrics,
      threshold,
      falseRejects: decided.falseRejects,
      falseAccepts: decided.falseAccepts,
      ...(found && { rankOne: found.rankOne, detectionRate: found.detection }),
      ...(data.heldOut &&
        model.people === data.trainedPeople && {
          closedSetAccuracy: await closedSetAccuracy(model, data.heldOut, mirrored),
        }),
      ...(data.test.drawn && errorsByNuisance(data.test, score, threshold)),
    },
    embeddings,
    pairs,
    roc,
    threshold,
  };
}

/**
 * The threshold that accepts the configured share of pairs of two people, of those that did not test: the validation
 * people, or else the trained ones by the pictures that were held out or trained on.
 */
export async function thresholdOf(
  model: FaceNetwork,
  { evaluation: { mirrored, falseAcceptRate } }: FaceVerificationConfig,
  { validation, heldOut, readTraining }: FaceData,
): Promise<number> {
  for (const read of [() => validation, () => heldOut, readTraining]) {
    const pictures = await read();
    if (pictures === undefined) continue;
    const vectors = await embedPictures(model, pictures, mirrored);
    const pairs = pairsOf(vectors, cosineOf(vectors));
    if (pairs.different.length === 0) continue;
    // Without pairs of one person there is no curve, but the share of the others is enough.
    const sorted = pairs.different.toSorted().reverse();
    const next = sorted[Math.floor(falseAcceptRate * sorted.length)]!;
    return sorted.findLast((each) => each > next) ?? next;
  }
  throw new RangeError('threshold: expected pictures of two people');
}

async function closedSetAccuracy(model: FaceNetwork, pictures: FacePictures, mirrored: boolean): Promise<number> {
  const { takenFor } = await embedPictures(model, pictures, mirrored);
  return takenFor.filter((person, place) => person === pictures.people[place]).length / takenFor.length;
}

/**
 * Metrics of a validation: the cross-entropy of other pictures of the trained people in nats, which is the loss that
 * chooses the best weights, their accuracy, and the equal error rate of unseen people. Without pictures that were held
 * out, the loss is one minus the area under the curve.
 */
export async function validate(
  model: FaceNetwork,
  { evaluation: { mirrored } }: FaceVerificationConfig,
  { heldOut, validation }: FaceData,
): Promise<Metrics> {
  const closed = heldOut && (await closedSetTerms(model, heldOut));
  if (validation === undefined) return closed!;
  const vectors = await embedPictures(model, validation, mirrored);
  const pairs = pairsOf(vectors, cosineOf(vectors));
  if (pairs.same.length === 0 || pairs.different.length === 0) return closed ?? { loss: NaN };
  const roc = new Roc(pairs);
  const open = { equalErrorRate: roc.equalError().rate, areaUnderCurve: roc.areaUnderCurve() };
  return { loss: 1 - open.areaUnderCurve, ...open, ...closed };
}

async function closedSetTerms(
  model: FaceNetwork,
  { squares, size, people }: FacePictures,
): Promise<{ readonly loss: number; readonly accuracy: number }> {
  const length = size * size * 3;
  let [nats, hits] = [0, 0];
  for (let first = 0; first < people.length; first += BATCH_SIZE) {
    const end = Math.min(people.length, first + BATCH_SIZE);
    const terms = tf.tidy(() => {
      const labels = tf.tensor1d(people.slice(first, end), 'int32');
      const logits = model.classify(
        embed(model, inputOf({ squares: squares.subarray(first * length, end * length), size }), false),
      );
      const right = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32'));
      return tf.stack([softmaxCrossEntropy(logits, labels, { reduction: 'sum' }), right]);
    });
    const [sum, right] = await terms.data<'float32'>();
    terms.dispose();
    nats += sum!;
    hits += right!;
  }
  return { loss: nats / people.length, accuracy: hits / people.length };
}

/**
 * The same measures without a network: pixels, eigenfaces and Fisherfaces fitted on trained people; and of drawn faces the
 * best that is possible, in general and on the very pictures of the test.
 */
export function baselines(
  settings: FaceVerificationConfig,
  data: FaceData,
  fitting: FacePictures,
): Record<string, Record<string, number>> {
  const gray = grayVectors(data.test);
  const fitted = grayVectors(fitting);
  const [eigen, fisher] = [eigenfaces(fitted)(gray), fisherfaces(fitted)(gray)];
  const measured = (vectors: PictureVectors, score: Score) => measureScore(vectors, score, data, settings).metrics;
  return {
    chance: { equalErrorRate: 0.5, areaUnderCurve: 0.5, trueAcceptsAt1in100: 0.01, trueAcceptsAt1in1000: 0.001 },
    pixels: measured(gray, nearnessOf(gray)),
    eigenfaces: measured(eigen, nearnessOf(eigen)),
    fisherfaces: measured(fisher, cosineOf(fisher)),
    ...optimum(settings, data),
  };
}

/** `optimum` is the bound of the generator, `optimumHere` that of the test's own pictures. */
function optimum(settings: FaceVerificationConfig, data: FaceData): MetricTable {
  const { deviation, test, heldOut } = data;
  if (deviation === undefined || test.drawn === undefined) return {};
  const bound = new VerificationBound(deviation, FACE_DIMENSIONS);
  const traits: PictureVectors = { values: test.drawn.traits, width: FACE_DIMENSIONS, people: test.people };
  const rows = rowsOf(traits);
  const score: Score = (first, second) => logLikelihoodRatio(rows[first]!, rows[second]!, deviation);
  return {
    optimum: {
      equalErrorRate: bound.equalErrorRate,
      areaUnderCurve: bound.areaUnderCurve,
      trueAcceptsAt1in100: bound.trueAccepts(1e-2),
      trueAcceptsAt1in1000: bound.trueAccepts(1e-3),
    },
    optimumHere: {
      ...measureScore(traits, score, data, settings).metrics,
      ...(heldOut?.drawn && { closedSetAccuracy: nearestPerson(settings, heldOut) }),
    },
  };
}

function rowsOf({ values, width, people }: PictureVectors): Float32Array[] {
  return Array.from({ length: people.length }, (_, row) => values.subarray(row * width, (row + 1) * width));
}

/** Share of pictures whose w is nearest to that of their own person, of the trained ones: the best possible accuracy. */
function nearestPerson({ data }: FaceVerificationConfig, { people, drawn, names }: FacePictures): number {
  const faces = new Faces(data.seed, { deviation: data.deviation });
  const identities = Array.from(names.keys(), (person) => faces.identity(person));
  const rows = rowsOf({ values: drawn!.traits, width: FACE_DIMENSIONS, people });
  const hits = rows.filter((row, place) => {
    let [nearest, least] = [-1, Infinity];
    for (const [person, identity] of identities.entries()) {
      let distance = 0;
      for (let axis = 0; axis < FACE_DIMENSIONS; axis++) distance += (row[axis]! - identity[axis]!) ** 2;
      if (distance < least) [nearest, least] = [person, distance];
    }
    return nearest === people[place];
  });
  return hits.length / people.length;
}
