import { largest, smallest } from '@motley/run';
import { batches, type PictureSets, type Pictures } from './data.ts';
import type { Network } from './model.ts';
import { CLASSES } from './shapes.ts';

export interface Measures extends Readonly<Record<string, number>> {
  /** Mean over the pictures in nats, without regularizers. */
  readonly loss: number;
  readonly accuracy: number;
}

const BATCH_SIZE = 200;

/** A network's predictions for some pictures. */
interface Classification {
  /** Most likely class of each picture [N]. */
  readonly predicted: Uint8Array;
  /** Output for each picture's true class [N]. */
  readonly trueClassOutputs: Float32Array;
  /** Mean over the pictures. */
  readonly loss: number;
}

export function classify(network: Network, pictures: Pictures): Classification {
  const count = pictures.labels.length;
  const [predicted, trueClassOutputs] = [new Uint8Array(count), new Float32Array(count)];
  let [sum, position] = [0, 0];
  for (const { inputs, targets, labels } of batches(pictures, BATCH_SIZE)) {
    const { loss, outputs } = network.evaluate(inputs, targets);
    sum += loss * labels.length;
    for (const [row, label] of labels.entries()) {
      const values = outputs.values.subarray(row * CLASSES.length, (row + 1) * CLASSES.length);
      predicted[position] = values.indexOf(largest(values));
      trueClassOutputs[position++] = values[label]!;
    }
  }
  return { predicted, trueClassOutputs, loss: sum / count };
}

export function measure(network: Network, pictures: Pictures): Measures {
  const { predicted, loss } = classify(network, pictures);
  return { loss, accuracy: countMatches(predicted, pictures.labels) / predicted.length };
}

/** Confusion matrix [K, K], row-major: number of pictures by true class and predicted class. */
export function confusionCounts(predicted: Uint8Array, labels: Uint8Array): number[] {
  const counts = new Array<number>(CLASSES.length ** 2).fill(0);
  for (const [index, label] of labels.entries()) counts[label * CLASSES.length + predicted[index]!]!++;
  return counts;
}

/**
 * Test metrics of two classifiers without a network. `commonestClass` always predicts the most frequent training class;
 * its loss takes the classes' frequencies as probabilities. `nearestCentroid` predicts the class whose mean training
 * picture is nearest.
 */
export function baselines({ training, test }: Pick<PictureSets, 'training' | 'test'>) {
  const counts = CLASSES.map((_, label) => training.labels.reduce((sum, each) => sum + (each === label ? 1 : 0), 0));
  const commonest = counts.indexOf(largest(counts));
  const loss = -test.labels.reduce((sum, label) => sum + Math.log(counts[label]! / training.labels.length), 0);
  const count = test.labels.length;
  return {
    commonestClass: {
      loss: loss / count,
      accuracy: countMatches(new Uint8Array(count).fill(commonest), test.labels) / count,
    },
    nearestCentroid: { accuracy: countMatches(nearestCentroid(training, test), test.labels) / count },
  };
}

function nearestCentroid(training: Pictures, test: Pictures): Uint8Array {
  const centroids = CLASSES.map((_, label) => centroid(training, label));
  return Uint8Array.from({ length: test.labels.length }, (_, index) => {
    const picture = pixelsOf(test, index);
    const distances = centroids.map((mean) =>
      mean.reduce((sum, value, pixel) => sum + (picture[pixel]! - value) ** 2, 0),
    );
    return distances.indexOf(smallest(distances));
  });
}

function centroid(pictures: Pictures, label: number): Float64Array {
  const sums = new Float64Array(pixelsOf(pictures, 0).length);
  let count = 0;
  for (const [index, each] of pictures.labels.entries()) {
    if (each !== label) continue;
    count++;
    for (const [pixel, value] of pixelsOf(pictures, index).entries()) sums[pixel]! += value;
  }
  return sums.map((sum) => sum / Math.max(count, 1));
}

function pixelsOf({ images }: Pictures, index: number) {
  const [, height, width] = images.shape as [number, number, number];
  const start = images.offset + index * height * width;
  return images.values.subarray(start, start + height * width);
}

/** Number of places where two arrays agree. */
export function countMatches(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((count, value, index) => count + (value === b[index] ? 1 : 0), 0);
}
