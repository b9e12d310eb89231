import { largest } from '@motley/run';
import { confusionMatrix, type Figure, imageGrid } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { FoodVisionConfig } from './config.ts';
import { type FoodData, squareAt } from './data.ts';
import { type Evaluation, nearest } from './evaluate.ts';
import { EfficientNet } from './networks/efficient-net.ts';
import type { ImageClassifier } from './networks/image-classifier.ts';
import { VisionTransformer } from './networks/vision-transformer.ts';
import { enlarge, overlayHeat, stack } from './pictures/overlay.ts';
import { attentionRollout, classActivationMaps, inputOf, seeingOf } from './predict.ts';
import { featuresBy } from './train.ts';

/** Classes of a confusion matrix: more would not be legible. */
const MAX_CLASSES = 16;
const SHOWN = 6;
const NEIGHBORS = 5;
const HARDEST = 12;

/** Figures of a trained model by file name, on the test pictures. */
export async function drawFigures(
  model: ImageClassifier,
  settings: FoodVisionConfig,
  data: FoodData,
  evaluation: Evaluation,
): Promise<Record<string, Figure>> {
  return {
    'confusion-matrix': confusion(data, evaluation),
    'hardest-pictures': await hardest(data, evaluation),
    'nearest-pictures': await nearestPictures(model, settings, data),
    ...(await evidence(model, settings, data, evaluation)),
  };
}

/** Counts of the classes with the most errors, or of all where they are few. */
function confusion({ classes }: FoodData, { labels, predictions }: Evaluation): Figure {
  const errors = classes.map(() => 0);
  for (const [place, label] of labels.entries())
    if (predictions[place] !== label) for (const each of [label, predictions[place]!]) errors[each] = errors[each]! + 1;
  const chosen = Array.from(classes.keys())
    .sort((a, b) => errors[b]! - errors[a]! || a - b)
    .slice(0, MAX_CLASSES)
    .sort((a, b) => a - b);
  const counts = new Uint32Array(chosen.length ** 2);
  for (const [place, label] of labels.entries()) {
    const [row, column] = [chosen.indexOf(label), chosen.indexOf(predictions[place]!)];
    if (row >= 0 && column >= 0) counts[row * chosen.length + column]!++;
  }
  const isWhole = chosen.length === classes.length;
  return confusionMatrix({
    title: 'Predicted by true class',
    subtitle: `${labels.length} test pictures${isWhole ? '' : `; the ${chosen.length} of ${classes.length} classes with the most errors`}`,
    counts,
    classNames: chosen.map((label) => classes[label]!),
  });
}

async function hardest({ classes, test }: FoodData, { losses, labels, predictions }: Evaluation): Promise<Figure> {
  const places = Array.from(losses.keys())
    .sort((a, b) => losses[b]! - losses[a]!)
    .slice(0, HARDEST);
  const columns = Math.min(4, places.length);
  const grid = places.map((place) => squareAt(test, place));
  const naming = (place: number) => `${classes[labels[place]!]!} → ${classes[predictions[place]!]!}`;
  const rows = Math.ceil(places.length / columns);
  return imageGrid({
    images: stack(grid),
    shape: [grid.length, test.size, test.size, 3],
    columns,
    scale: 1,
    title: 'Test pictures with the largest loss, from left to right and down',
    rowLabels: Array.from({ length: rows }, (_, row) => naming(places[row * columns]!)),
  });
}

/** Test pictures, each with the training pictures that have the most similar features. */
async function nearestPictures(
  model: ImageClassifier,
  settings: FoodVisionConfig,
  { classes, training, test }: FoodData,
): Promise<Figure> {
  const shown = spread(test.labels.length, SHOWN);
  const wanted = await featuresBy(model, settings, test);
  const { width } = wanted;
  const queries = {
    values: Float32Array.from(
      shown.flatMap((place) => Array.from(wanted.values.subarray(place * width, (place + 1) * width))),
    ),
    width,
  };
  const neighbors = nearest(await featuresBy(model, settings, training), queries, NEIGHBORS);
  const images = shown.flatMap((place, row) => [
    squareAt(test, place),
    ...neighbors[row]!.map((near) => squareAt(training, near)),
  ]);
  return imageGrid({
    images: stack(images),
    shape: [images.length, test.size, test.size, 3],
    columns: 1 + (neighbors[0]?.length ?? 0),
    scale: 1,
    title: 'Nearest training pictures by their features',
    rowLabels: shown.map((place) => classes[test.labels[place]!]!),
    columnLabels: ['test picture', 'nearest'],
  });
}

/** Where a network looks: class activation maps, or attention rollout. */
async function evidence(
  model: ImageClassifier,
  settings: FoodVisionConfig,
  { classes, test }: FoodData,
  { predictions }: Evaluation,
): Promise<Record<string, Figure>> {
  const places = spread(test.labels.length, SHOWN);
  const squares = places.map((place) => squareAt(test, place));
  const maps = tf.tidy(() => {
    const input = inputOf(stack(squares), seeingOf(settings).preprocessing);
    if (model instanceof VisionTransformer) return attentionRollout(model, input);
    return classActivationMaps(model as EfficientNet, input);
  });
  const [, height, width, depth] = maps.shape as [number, number, number, number | undefined];
  const values = await maps.data<'float32'>();
  maps.dispose();
  const heats = places.map((place, row) => {
    const label = depth === undefined ? 0 : predictions[place]!;
    const first = row * height * width * (depth ?? 1);
    const map = Array.from({ length: height * width }, (_, cell) => values[first + cell * (depth ?? 1) + label]!);
    const strongest = Math.max(1e-9, largest(map));
    return enlarge(map, [height, width], test.size).map((value) => value / strongest);
  });
  const name = depth === undefined ? 'attention-rollout' : 'class-activation-maps';
  const figure = await imageGrid({
    images: stack([...squares, ...heats.map((heat, row) => overlayHeat(squares[row]!, heat))]),
    shape: [2 * places.length, test.size, test.size, 3],
    columns: places.length,
    scale: 1,
    title: depth === undefined ? 'Attention rollout' : 'Class activation maps of the predicted class',
    rowLabels: ['picture', 'evidence'],
    columnLabels: places.map((place) => classes[predictions[place]!]!),
  });
  return { [name]: figure };
}

/** Places that are spread evenly over `total`. */
function spread(total: number, count: number): number[] {
  const shown = Math.min(total, count);
  return Array.from({ length: shown }, (_, index) => Math.floor(((index + 0.5) / shown) * total));
}
