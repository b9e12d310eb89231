import {
  colorJitter,
  composeAugmentations,
  type Augmentation,
  cutout,
  Dataset,
  fit,
  type ImageArray,
  orDispose,
  randomAffine,
  randomFlip,
  randomShift,
  RandomStream,
  restored,
  type StateDict,
  type TensorRunContext,
  tensorSchedule,
  zeros,
} from '@motley/core';
import { readWeights } from '@motley/core/node';
import type { BatchSource, MetricRecord, RandomNumbers, TrainingListener, TrainingResult } from '@motley/run';
import { userPath } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { collapseOf } from './collapse.ts';
import type { FaceVerificationConfig } from './config.ts';
import type { FaceData } from './data.ts';
import { evaluate, validate } from './evaluate.ts';
import { FaceNetwork } from './model.ts';
import { loadBackbone } from './networks/weights.ts';
import { normalize } from './predict.ts';
import { type FacePictures, squareAt } from './sources/people.ts';

/** A network with new weights. The caller disposes of it. */
function createModel({ model, loss, training }: FaceVerificationConfig, people: number): FaceNetwork {
  return new FaceNetwork(model, loss, people, { random: RandomStream.fromSeed(training.seed).fork('weights') });
}

/** A network with the weights of a checkpoint, ready for evaluation. The caller disposes of it. */
export function restoreModel({ model, loss }: FaceVerificationConfig, weights: StateDict): FaceNetwork {
  const people = weights['classifier.weight']?.shape[0] ?? 1;
  const start = { random: RandomStream.fromSeed(0), initializer: zeros };
  return restored(new FaceNetwork(model, loss, people, start), weights);
}

/** Probabilities of changes to a picture. */
const GRAY = 0.15;
const ERASED = 0.25;

const sometimes =
  (probability: number, augmentation: Augmentation): Augmentation =>
  (image, random) =>
    random.uniformValues(1)[0]! < probability ? augmentation(image, random) : image;

/** The picture without color. */
const gray: Augmentation = (image) => {
  const values = image.values.slice();
  for (let at = 0; at < values.length; at += 3) {
    const level = 0.299 * values[at]! + 0.587 * values[at + 1]! + 0.114 * values[at + 2]!;
    values.fill(values instanceof Uint8Array ? Math.round(level) : level, at, at + 3);
  }
  return { ...image, values: values as typeof image.values };
};

/** Changes that leave a person who they are. */
function augmentationOf(
  kind: FaceVerificationConfig['training']['augmentation'],
  size: number,
): (image: ImageArray<Uint8Array>, random: RandomNumbers) => ImageArray<Uint8Array> {
  if (kind === 'none') return (image) => image;
  const erased = sometimes(ERASED, cutout(Math.round(size / 3)));
  const common = [randomFlip('horizontal'), sometimes(GRAY, gray), erased];
  const shift = Math.max(1, Math.round(size / 24));
  if (kind === 'light') return composeAugmentations(randomShift(shift, shift, 'edge'), ...common);
  return composeAugmentations(
    randomAffine({ maxRotationInDegrees: 10, maxTranslation: 0.06, scale: [0.85, 1.15], border: 'edge' }),
    colorJitter({ brightness: 0.2, contrast: 0.25, saturation: 0.3 }),
    ...common,
  );
}

type FaceBatch = Readonly<Record<'pictures' | 'people', tf.Tensor>>;

/** Batches of changed pictures, all of one size, so that a compiled step has one shape. */
function trainingBatches({ training }: FaceVerificationConfig, pictures: FacePictures): BatchSource<FaceBatch> {
  const { size, people } = pictures;
  const random = RandomStream.fromSeed(training.seed);
  const augment = augmentationOf(training.augmentation, size);
  return Dataset.fromIndex(people.length, (place) => place)
    .shuffle(random.fork('order'))
    .map((place, noise) => {
      const square = { values: squareAt(pictures, place), height: size, width: size, channels: 3 };
      return { pictures: normalize(augment(square, noise).values), people: people[place]! };
    }, random.fork('augmentation'))
    .batch({
      batchSize: Math.min(training.batchSize, people.length),
      dropLast: true,
      fields: {
        pictures: { shape: [size, size, 3], dtype: 'float32' },
        people: { shape: [], dtype: 'int32', below: 1 + people.reduce((most, each) => Math.max(most, each), 0) },
      },
    });
}

/** Says once where the embeddings collapse. */
function collapseListener({ loss, training }: FaceVerificationConfig, say: (line: string) => void): TrainingListener {
  // Embeddings of a new network are alike too.
  const first = training.warmupSteps + 2 * training.logEverySteps;
  let isSaid = false;
  return {
    onMetrics({ metrics, step }: MetricRecord) {
      const found = isSaid || step < first ? undefined : collapseOf(metrics, loss);
      if (found === undefined) return;
      isSaid = true;
      say(`step ${step}: ${found}`);
    },
  };
}

/**
 * Trains a network, and measures its best weights on unseen people. The caller disposes of the model.
 * @param say takes a line for the user
 * @throws UserError where the weights of `model.weights` do not fit; else what `fit` throws; the model is then freed
 */
export async function train(
  settings: FaceVerificationConfig,
  data: FaceData,
  context: TensorRunContext = {},
  say: (line: string) => void = () => undefined,
): Promise<{ readonly model: FaceNetwork; readonly result: TrainingResult }> {
  const { training, loss } = settings;
  const model = createModel(settings, data.trainedPeople);
  return orDispose(model, async () => {
    if (settings.model.weights !== null) {
      const path = userPath(settings.model.weights, 'train');
      const weights = await readWeights(path);
      try {
        loadBackbone(model.backbone, weights, path);
      } finally {
        tf.dispose(weights);
      }
    }
    const { marginWarmupSteps: warmup } = loss;
    const marginShareAt = warmup === 0 ? undefined : tensorSchedule((step) => step / warmup, warmup);
    const result = await fit({
      ...context,
      ...training,
      model,
      listeners: [...(context.listeners ?? []), collapseListener(settings, say)],
      trainingBatches: trainingBatches(settings, await data.readTraining()),
      loss: ({ pictures, people }, { random, step }) => model.loss(pictures, people, random, marginShareAt?.(step)),
      validate:
        data.heldOut === undefined && data.validation === undefined ? undefined : () => validate(model, settings, data),
      test: async () => (await evaluate(model, settings, data)).metrics,
    });
    return { model, result };
  });
}
