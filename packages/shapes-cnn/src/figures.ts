import { largest, smallest } from '@motley/run';
import type { MetricRecord } from '@motley/run';
import { boxOverlay, confusionMatrix, type Figure, imageGrid, lineChart } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { ShapesConfig } from './config.ts';
import type { ControlledAccuracy, Quantity } from './controls.ts';
import { testPicture } from './data.ts';
import type { Evaluation } from './evaluate.ts';
import { CLASS_NAMES, type ShapesCnn } from './model.ts';
import { enlarge, overlayHeat, stack } from './pictures.ts';
import { classActivationMaps, classify } from './predict.ts';

const CLASSES = CLASS_NAMES.length;
const EXAMPLES_OF_A_CLASS = 8;
const HARDEST = 20;

/** Measurements of a trained model. */
export interface Findings {
  readonly evaluation: Evaluation;
  readonly controls: readonly ControlledAccuracy[];
  /** Metrics that the training logged. */
  readonly records: readonly MetricRecord[];
}

/** Figures of a trained model by file name, with pictures of the test stream. */
export async function drawFigures(
  model: ShapesCnn,
  settings: ShapesConfig,
  { evaluation, controls, records }: Findings,
): Promise<Record<string, Figure>> {
  model.eval();
  return {
    examples: await examplesFigure(settings, evaluation),
    ...(records.length > 0 && { 'learning-curve': learningCurve(records, settings.training.batchSize) }),
    'confusion-matrix': confusionFigure(evaluation),
    'hardest-pictures': await hardestFigure(model, settings, evaluation),
    filters: await filtersFigure(model),
    'class-activation-maps': await activationFigure(model, settings, evaluation),
    'accuracy-against-size': controlFigure(controls, 'size', 'diameter (share of the picture)'),
    'accuracy-against-contrast': controlFigure(controls, 'contrast', 'contrast (0 none, 1 black on white)'),
    'accuracy-against-noise': controlFigure(controls, 'noise', 'noise (standard deviation, share of white)'),
  };
}

/** The first test pictures of each class. */
async function examplesFigure(settings: ShapesConfig, { labels }: Evaluation): Promise<Figure> {
  const { imageSize } = settings.data;
  const blank = new Uint8Array(3 * imageSize * imageSize).fill(255);
  const images = CLASS_NAMES.flatMap((_, label) => {
    const places = placesOf(labels, label, EXAMPLES_OF_A_CLASS);
    return Array.from({ length: EXAMPLES_OF_A_CLASS }, (__, column) => {
      const place = places[column];
      return place === undefined ? blank : testPicture(settings, place).image;
    });
  });
  return imageGrid({
    images: stack(images),
    shape: [images.length, imageSize, imageSize, 3],
    columns: EXAMPLES_OF_A_CLASS,
    scale: 1,
    title: 'Test pictures of each class',
    rowLabels: CLASS_NAMES,
  });
}

/** Share of errors by pictures seen. The training's pictures are new as well when their error is measured. */
function learningCurve(records: readonly MetricRecord[], batchSize: number): Figure {
  const points = (split: string, metric: string) =>
    records.flatMap((record): [number, number][] => {
      const value = record.metrics[metric];
      return record.split === split && value !== undefined ? [[(record.step * batchSize) / 1000, 1 - value]] : [];
    });
  return lineChart({
    title: 'Errors against pictures seen',
    xName: 'pictures drawn so far (thousands)',
    yName: 'share of errors',
    logY: true,
    lines: [
      { name: 'training', points: points('train', 'accuracy').filter(([, error]) => error > 0) },
      { name: 'validation', points: points('validation', 'accuracy').filter(([, error]) => error > 0) },
    ],
  });
}

function confusionFigure({ labels, predictions }: Evaluation): Figure {
  const counts = new Uint32Array(CLASSES * CLASSES);
  for (const [place, label] of labels.entries()) counts[label * CLASSES + predictions[place]!]!++;
  return confusionMatrix({
    title: 'Predicted by true class',
    subtitle: `${labels.length.toLocaleString('en')} test pictures`,
    counts,
    classNames: CLASS_NAMES,
  });
}

/** Places of the test pictures with the largest loss, in falling order. */
function hardestPlaces({ losses }: Evaluation, count = HARDEST): number[] {
  const places = Array.from(losses.keys());
  return places.sort((a, b) => losses[b]! - losses[a]!).slice(0, count);
}

/** Test pictures with the largest loss, each with its true and its predicted class. */
async function hardestFigure(model: ShapesCnn, settings: ShapesConfig, evaluation: Evaluation): Promise<Figure> {
  const { imageSize } = settings.data;
  const places = hardestPlaces(evaluation);
  const shapes = places.map((place) => testPicture(settings, place));
  const probabilities = await probabilitiesOf(
    model,
    shapes.map(({ image }) => image),
    imageSize,
  );
  // The gap leaves room for the longest label.
  const [columns, scale, gap, top] = [5, 128 / imageSize, 0.65 * imageSize, imageSize / 3];
  const rows = Math.ceil(places.length / columns);
  const [cellWidth, cellHeight] = [imageSize + gap, imageSize + top];
  const [width, height] = [columns * cellWidth + gap, rows * cellHeight + gap].map(Math.round) as [number, number];
  const page = new Uint8Array(3 * width * height).fill(255);
  const boxes = shapes.map(({ image, name }, index) => {
    const x = Math.round(gap + (index % columns) * cellWidth);
    const y = Math.round(top + Math.floor(index / columns) * cellHeight);
    for (let row = 0; row < imageSize; row++)
      page.set(image.subarray(3 * row * imageSize, 3 * (row + 1) * imageSize), 3 * ((y + row) * width + x));
    const predicted = evaluation.predictions[places[index]!]!;
    const share = (100 * probabilities[index * CLASSES + predicted]!).toFixed(0);
    const isCorrect = CLASS_NAMES[predicted] === name;
    const label = isCorrect ? `${name}, ${share} %` : `${name}: ${CLASS_NAMES[predicted]!} ${share} %`;
    return { x, y, width: imageSize, height: imageSize, label, color: isCorrect ? 3 : 2 };
  });
  return boxOverlay({ image: page, shape: [height, width, 3], boxes, scale });
}

/** Filters of the first layer, each scaled to the full range. */
async function filtersFigure(model: ShapesCnn): Promise<Figure> {
  const [height, width, inputs, count] = model.stem.weight.shape as [number, number, number, number];
  const weights = await model.stem.weight.data<'float32'>();
  const images = new Float32Array(weights.length);
  for (let filter = 0; filter < count; filter++) {
    const values = weights.filter((_, index) => index % count === filter); // [H, W, 3]
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
    images.set(
      values.map((value) => 0.5 + value / (2 * largest)),
      filter * height * width * inputs,
    );
  }
  return imageGrid({
    images,
    shape: [count, height, width, 3],
    columns: Math.min(count, 12),
    scale: 16,
    gap: 8,
    title: 'Filters of the first layer',
  });
}

/** For a picture of each class: the picture, and the activation maps of its class and of the runner-up class. */
async function activationFigure(model: ShapesCnn, settings: ShapesConfig, evaluation: Evaluation): Promise<Figure> {
  const { imageSize } = settings.data;
  const places = CLASS_NAMES.map((_, label) => placesOf(evaluation.labels, label, 1)[0]).filter(
    (each) => each !== undefined,
  );
  const shapes = places.map((place) => testPicture(settings, place));
  const images = shapes.map(({ image }) => image);
  const probabilities = await probabilitiesOf(model, images, imageSize);
  const maps = tf.tidy(() => classActivationMaps(model, tensorOf(images, imageSize)));
  const [, h, w] = maps.shape as [number, number, number];
  const values = await maps.data<'float32'>();
  maps.dispose();
  const mapOf = (picture: number, label: number): Float32Array =>
    Float32Array.from({ length: h * w }, (_, cell) => values[(picture * h * w + cell) * CLASSES + label]!);
  const runnersUp = shapes.map(({ label }, picture) => {
    const ofPicture = Array.from(probabilities.subarray(picture * CLASSES, (picture + 1) * CLASSES));
    const others = ofPicture.map((share, other) => (other === label ? -1 : share));
    return others.indexOf(largest(others));
  });
  const heated = (labelOf: (picture: number) => number): Uint8Array[] =>
    images.map((image, picture) => {
      // Both maps of a picture share one scale, so that they compare.
      const both = [...mapOf(picture, shapes[picture]!.label), ...mapOf(picture, runnersUp[picture]!)];
      const strongest = Math.max(1e-6, largest(both));
      const heat = enlarge(mapOf(picture, labelOf(picture)), [h, w], imageSize);
      return overlayHeat(
        image,
        heat.map((value) => value / strongest),
      );
    });
  const rows = [images, heated((picture) => shapes[picture]!.label), heated((picture) => runnersUp[picture]!)];
  return imageGrid({
    images: stack(rows.flat()),
    shape: [3 * images.length, imageSize, imageSize, 3],
    columns: images.length,
    scale: Math.max(1, Math.round(96 / imageSize)),
    title: 'Class activation maps',
    rowLabels: ['picture', 'its class', 'runner-up'],
    columnLabels: shapes.map(({ name }) => name),
  });
}

function controlFigure(controls: readonly ControlledAccuracy[], quantity: Quantity, xName: string): Figure {
  const found = controls.filter((each) => each.quantity === quantity);
  const trained = found.filter(({ wasTrainedOn }) => wasTrainedOn).map(({ value }) => value);
  const seen = trained.length === 0 ? '' : ` (trained on ${smallest(trained)} to ${largest(trained)})`;
  return lineChart({
    title: `Accuracy against ${quantity}`,
    subtitle: `${found[0]?.images ?? 0} pictures each${seen}; band: 95 % interval`,
    xName,
    yName: 'accuracy',
    lines: [{ name: 'accuracy', points: found.map(({ value, accuracy }) => [value, accuracy]) }],
    bands: [{ points: found.map(({ value, interval }) => [value, ...interval]), color: 0, opacity: 0.2 }],
  });
}

async function probabilitiesOf(model: ShapesCnn, images: readonly Uint8Array[], size: number): Promise<Float32Array> {
  const tensor = tf.tidy(() => classify(model, tensorOf(images, size)));
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return values;
}

/** Input of the model from bytes: [N, H, W, 3] in [0, 1]. */
export function tensorOf(images: readonly Uint8Array[], size: number): tf.Tensor {
  const values = Float32Array.from(stack(images), (value) => value / 255);
  return tf.tensor(values, [images.length, size, size, 3]);
}

function placesOf(labels: Uint8Array, label: number, count: number): number[] {
  const places: number[] = [];
  for (let place = 0; place < labels.length && places.length < count; place++)
    if (labels[place] === label) places.push(place);
  return places;
}
