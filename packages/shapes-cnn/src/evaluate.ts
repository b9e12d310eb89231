import { meanTerms, softmaxCrossEntropy } from '@motley/core';
import { wilsonInterval, yieldToEventLoop, type BatchSource, type EvaluationLimits } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { ShapesConfig } from './config.ts';
import { openTestStream, openTrainingStream, type ShapeBatches } from './data.ts';
import { shapesLoss } from './loss.ts';
import { CLASS_NAMES, type ShapesCnn } from './model.ts';
import type { ShapeField } from './stream.ts';

type Batches = BatchSource<Readonly<Record<ShapeField, tf.Tensor>>>;

const CLASSES = CLASS_NAMES.length;

/** Means over a stream: loss in nats per picture, without label smoothing, and accuracy. */
export function measure(
  model: ShapesCnn,
  batches: Batches,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  return meanTerms(batches, ({ images, labels }) => shapesLoss(model.forward(images), labels), limits);
}

/** Predictions of a model for each picture of a stream, by place. */
export interface Evaluation {
  /** loss, accuracy with its 95 % interval, and the numbers of errors and images. */
  readonly metrics: Readonly<Record<string, number>>;
  /** [N] */
  readonly labels: Uint8Array;
  /** [N] */
  readonly predictions: Uint8Array;
  /** [N], cross-entropy of each picture in nats. */
  readonly losses: Float32Array;
}

/** Evaluates models and baselines on the test stream. Evaluates each model once. */
export class TestEvaluator {
  readonly #settings: ShapesConfig;
  readonly #evaluations = new Map<ShapesCnn, Promise<Evaluation>>();

  constructor(settings: ShapesConfig) {
    this.#settings = settings;
  }

  evaluation(model: ShapesCnn): Promise<Evaluation> {
    const found = this.#evaluations.get(model) ?? this.#onTestStream((test) => evaluate(model, test));
    this.#evaluations.set(model, found);
    return found;
  }

  async baselines(): Promise<Record<string, Record<string, number>>> {
    const training = await openTrainingStream(this.#settings);
    try {
      return await this.#onTestStream((test) => baselines(training, test));
    } finally {
      await training.dispose();
    }
  }

  async #onTestStream<T>(measure: (test: ShapeBatches) => Promise<T>): Promise<T> {
    const test = await openTestStream(this.#settings);
    try {
      return await measure(test);
    } finally {
      await test.dispose();
    }
  }
}

/** Evaluates a model on a whole stream, picture by picture. */
export async function evaluate(model: ShapesCnn, batches: Batches): Promise<Evaluation> {
  model.eval();
  const [labels, predictions, losses]: [number[], number[], number[]] = [[], [], []];
  for await (const batch of batches.batches(0)) {
    const results = tf.tidy(() => {
      const logits = model.forward(batch.images);
      return [tf.argMax(logits, 1), softmaxCrossEntropy(logits, batch.labels, { reduction: 'none' })] as const;
    });
    const [predicted, loss, actual] = await Promise.all([...results, batch.labels].map((tensor) => tensor.data()));
    for (const value of actual!) labels.push(value);
    for (const value of predicted!) predictions.push(value);
    for (const value of loss!) losses.push(value);
    tf.dispose([...results, batch.images, batch.labels]);
    await yieldToEventLoop();
  }
  const errors = labels.reduce((count, label, index) => count + Number(label !== predictions[index]), 0);
  return {
    metrics: {
      loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      ...accuracyOf(labels.length - errors, labels.length),
    },
    labels: Uint8Array.from(labels),
    predictions: Uint8Array.from(predictions),
    losses: Float32Array.from(losses),
  };
}

/** Accuracy with Wilson's 95 % interval. */
function accuracyOf(correct: number, images: number): Record<string, number> {
  const [accuracyLow, accuracyHigh] = wilsonInterval(correct, images);
  return { accuracy: correct / images, accuracyLow, accuracyHigh, errors: images - correct, images };
}

/** Training pictures for the class means. */
const PICTURES_FOR_MEANS = 4000;

/**
 * Test metrics of two classifiers without a network. `chance` gives all classes the same probability. `classMeans`
 * predicts the class whose mean training picture is nearest, pixel by pixel.
 */
export async function baselines(training: Batches, test: Batches): Promise<Record<string, Record<string, number>>> {
  const means = await classMeans(training); // [V, D]
  let [correct, images] = [0, 0];
  for await (const batch of test.batches(0)) {
    const hits = tf.tidy(() => {
      const pixels = tf.reshape(batch.images, [batch.images.shape[0], -1]); // [B, D]
      // |x - m|² without |x|², which is the same for every class.
      const distances = tf.sub(tf.sum(tf.square(means), 1), tf.mul(2, tf.matMul(pixels, means, false, true))); // [B, V]
      return tf.sum(tf.cast(tf.equal(tf.argMin(distances, 1), batch.labels), 'int32'));
    });
    correct += (await hits.data())[0]!;
    images += batch.labels.size;
    tf.dispose([hits, batch.images, batch.labels]);
  }
  means.dispose();
  return {
    chance: { loss: Math.log(CLASSES), accuracy: 1 / CLASSES },
    classMeans: accuracyOf(correct, images),
  };
}

/** Mean picture of each class: [V, D]. */
async function classMeans(training: Batches): Promise<tf.Tensor2D> {
  let sums: tf.Tensor = tf.scalar(0);
  let seen = 0;
  for await (const { images, labels } of training.batches(0)) {
    const next = tf.tidy(() => {
      const members = tf.oneHot(labels, CLASSES, 1, 0, 'float32'); // [B, V]
      const pixels = tf.concat([tf.reshape(images, [labels.size, -1]), tf.ones([labels.size, 1])], 1); // the last column counts
      return tf.add(sums, tf.matMul(members, pixels, true)); // [V, D + 1]
    });
    seen += labels.size;
    tf.dispose([sums, images, labels]);
    sums = next;
    if (seen >= PICTURES_FOR_MEANS) break;
  }
  const means = tf.tidy(() => {
    const [rows, columns] = sums.shape as [number, number];
    const counts = tf.maximum(tf.slice(sums, [0, columns - 1], [rows, 1]), 1);
    return tf.div<tf.Tensor2D>(tf.slice(sums, [0, 0], [rows, columns - 1]), counts);
  });
  sums.dispose();
  return means;
}
