import {
  ArrayBatches,
  balancedClassWeights,
  colorJitter,
  composeAugmentations,
  Dataset,
  fit,
  type ImageArray,
  orDispose,
  randomAffine,
  randomFlip,
  RandomStream,
  restored,
  type StateDict,
  type TensorRunContext,
  zeros,
} from '@motley/core';
import type { BatchSource, TrainingResult } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { FoodVisionConfig } from './config.ts';
import { type FoodData, type LabeledPictures, squareAt } from './data.ts';
import { type Evaluation, evaluateHead } from './evaluate.ts';
import { foodLoss } from './loss.ts';
import { createNetwork } from './model.ts';
import { EfficientNet } from './networks/efficient-net.ts';
import type { ImageClassifier } from './networks/image-classifier.ts';
import { normalize } from './pictures/preprocess.ts';
import { seeingOf } from './predict.ts';
import { FeatureStore } from './transfer/features.ts';
import { fitRidge, type LinearHead, type RidgeHead, type Rows } from './transfer/ridge.ts';
import { digestOf, findWeights, openBackbone } from './transfer/weights.ts';

/** Features by the backbone as it came, and the ridge regression on them. */
interface Start {
  readonly training: Rows;
  readonly validation: Rows | undefined;
  readonly test: Rows;
  readonly ridge: RidgeHead;
}

const starts = new WeakMap<FoodData, Start>();

function weightsRandom({ training }: FoodVisionConfig): RandomStream {
  return RandomStream.fromSeed(training.seed).fork('weights');
}

/** A model with the weights of a checkpoint, ready for evaluation. The caller disposes of it. */
export function restoreModel({ model }: FoodVisionConfig, weights: StateDict): ImageClassifier {
  const random = RandomStream.fromSeed(0);
  const names = ['classifier.1.bias', '_fc.bias', 'heads.head.bias'];
  const classes = names.map((name) => weights[name]?.shape[0]).find((count) => count !== undefined) ?? 1;
  return restored(createNetwork(model.architecture, { classes, random, initializer: zeros }), weights);
}

/** Features by the backbone as it came. Computed once for the same data. */
export async function startOf(settings: FoodVisionConfig, data: FoodData, given?: ImageClassifier): Promise<Start> {
  const found = starts.get(data);
  if (found !== undefined) return found;
  const { architecture, weights } = settings.model;
  const model =
    given ??
    (await openBackbone(
      architecture,
      findWeights(architecture, weights),
      data.classes.length,
      weightsRandom(settings),
    ));
  try {
    const store = new FeatureStore(model, seeingOf(settings), digestOf(model));
    const training = await store.features(data.training);
    const start = {
      training,
      validation: data.validation && (await store.features(data.validation)),
      test: await store.features(data.test),
      ridge: fitRidge(training, data.training.labels, data.classes.length),
    };
    starts.set(data, start);
    return start;
  } finally {
    if (given === undefined) model.dispose();
  }
}

/** Predictions of a model for the test pictures. */
export async function evaluate(
  model: ImageClassifier,
  settings: FoodVisionConfig,
  pictures: LabeledPictures,
): Promise<Evaluation> {
  const features = await featuresBy(model, settings, pictures);
  return evaluateHead(headOf(model), features, pictures.labels);
}

/** Features by a model in evaluation mode. */
export function featuresBy(
  model: ImageClassifier,
  settings: FoodVisionConfig,
  pictures: LabeledPictures,
): Promise<Rows> {
  return new FeatureStore(model.eval(), seeingOf(settings), digestOf(model)).features(pictures);
}

function headOf({ head }: ImageClassifier): LinearHead {
  return { weight: head.weight.dataSync<'float32'>(), bias: head.bias!.dataSync<'float32'>() };
}

/** Result of a training. */
interface Trained {
  readonly model: ImageClassifier;
  readonly result: TrainingResult;
}

/**
 * Fits the head by ridge regression on features of the backbone as it came, then trains the head, or all of the network:
 * a head that fits first keeps the backbone's features from being torn apart (Kumar et al., "Fine-tuning can distort
 * pretrained features and underperform out-of-distribution", ICLR 2022, arXiv 2202.10054). The caller disposes of the
 * model.
 * @param say takes a line for the user
 * @throws UserError where weights do not fit; else what `fit` throws
 */
export async function train(
  settings: FoodVisionConfig,
  data: FoodData,
  context: TensorRunContext,
  say: (line: string) => void,
): Promise<Trained> {
  const { architecture, weights, tuning } = settings.model;
  const source = findWeights(architecture, weights);
  if (source.kind === 'random') say(source.advice);
  const model = await openBackbone(architecture, source, data.classes.length, weightsRandom(settings));
  return orDispose(model, async () => {
    const start = await startOf(settings, data, model);
    const { weight, bias } = start.ridge;
    tf.tidy(() => {
      model.head.weight.assign(tf.tensor(weight, model.head.weight.shape));
      model.head.bias!.assign(tf.tensor(bias, [data.classes.length]));
    });
    const tune = tuning === 'head' ? tuneHead : tuneAll;
    return { model, result: await tune(model, settings, data, start, context) };
  });
}

type Tuning = (
  model: ImageClassifier,
  settings: FoodVisionConfig,
  data: FoodData,
  start: Start,
  context: TensorRunContext,
) => Promise<TrainingResult>;

/** Trains the head alone, on features that are computed already. */
const tuneHead: Tuning = async (model, settings, data, { training, validation, test }, context) => {
  const backbone = model.backboneParameters();
  for (const variable of backbone) variable.trainable = false;
  const held = data.validation;
  try {
    return await fit({
      ...context,
      ...settings.training,
      model,
      trainingBatches: headBatches(settings, data, training),
      loss: ({ features, labels }, { random }) =>
        foodLoss(model.classify(features, random), labels, lossOptions(settings, data)),
      validate:
        held && validation && (() => Promise.resolve(evaluateHead(headOf(model), validation, held.labels).metrics)),
      startIsCandidate: held !== undefined,
      test: () => Promise.resolve(evaluateHead(headOf(model), test, data.test.labels).metrics),
    });
  } finally {
    for (const variable of backbone) variable.trainable = true;
  }
};

function headBatches(
  { training }: FoodVisionConfig,
  { classes, training: { labels } }: FoodData,
  { values, width }: Rows,
): BatchSource<Readonly<Record<'features' | 'labels', tf.Tensor>>> {
  return new ArrayBatches(
    { features: { values, shape: [width] }, labels: { values: labels, shape: [], below: classes.length } },
    { ...batching(training, labels), random: RandomStream.fromSeed(training.seed).fork('order') },
  );
}

/** Whole batches, so that a compiled step has one shape. */
function batching({ batchSize }: FoodVisionConfig['training'], labels: Int32Array) {
  return { batchSize: Math.min(batchSize, labels.length), dropLast: true };
}

function lossOptions({ training }: FoodVisionConfig, { classes, training: { labels } }: FoodData) {
  const { labelSmoothing, classWeights } = training;
  const balanced = classWeights === 'balanced' && { classWeights: balancedClassWeights(labels, classes.length) };
  return { labelSmoothing, ...balanced };
}

/** Trains all of the network, on pictures that are changed a little each time. */
const tuneAll: Tuning = async (model, settings, data, _, context) => {
  if (model instanceof EfficientNet) model.keepStatistics();
  const held = data.validation;
  return fit({
    ...context,
    ...settings.training,
    model,
    trainingBatches: pictureBatches(settings, data),
    loss: ({ pictures, labels }, { random }) =>
      foodLoss(model.forward(pictures, random), labels, lossOptions(settings, data)),
    validate: held && (async () => (await evaluate(model, settings, held)).metrics),
    startIsCandidate: held !== undefined,
    test: async () => (await evaluate(model, settings, data.test)).metrics,
  });
};

/** Small changes that leave a food what it is; drawings of other styles differ in color too. */
const augment = composeAugmentations(
  randomFlip('horizontal'),
  randomAffine({ maxRotationInDegrees: 15, maxTranslation: 0.06, scale: [0.8, 1.15], border: 'edge' }),
  colorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.3, hue: 0.04 }),
);

function pictureBatches(
  settings: FoodVisionConfig,
  { classes, training: pictures }: FoodData,
): BatchSource<Readonly<Record<'pictures' | 'labels', tf.Tensor>>> {
  const { preprocessing } = seeingOf(settings);
  const random = RandomStream.fromSeed(settings.training.seed);
  const { size, labels } = pictures;
  return Dataset.fromIndex(labels.length, (place) => place)
    .shuffle(random.fork('order'))
    .map((place, noise) => {
      const square: ImageArray<Uint8Array> = {
        values: squareAt(pictures, place),
        height: size,
        width: size,
        channels: 3,
      };
      return { pictures: normalize(augment(square, noise).values, preprocessing), labels: labels[place]! };
    }, random.fork('augmentation'))
    .batch({
      ...batching(settings.training, labels),
      fields: {
        pictures: { shape: [size, size, 3], dtype: 'float32' },
        labels: { shape: [], dtype: 'int32', below: classes.length },
      },
    });
}
