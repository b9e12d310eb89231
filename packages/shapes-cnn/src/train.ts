import { fit, type FitResult, RandomStream, type TrainingSurroundings } from '@motley/core';
import type { MetricRecord, TrainingListener } from '@motley/run';
import type { ShapesConfig } from './config.ts';
import { openTestStream, openTrainingStream, openValidationStream, type ShapeBatches } from './data.ts';
import { baselines, evaluate, measure, type Examination } from './evaluate.ts';
import { shapesLoss } from './loss.ts';
import { ShapesCnn } from './model.ts';

/** A model with the initial weights of its seed. */
export function createModel({ model, training }: Pick<ShapesConfig, 'model' | 'training'>): ShapesCnn {
  return new ShapesCnn(model, RandomStream.fromSeed(training.seed).fork('weights'));
}

/** How long the training's steps waited for a batch that was not drawn yet. */
interface Waiting {
  readonly waitTimeInSeconds: number;
  /** Of the training's time, validations included. */
  readonly waitShare: number;
}

/** A training's end. */
export interface Trained {
  readonly model: ShapesCnn;
  readonly result: FitResult;
  readonly waiting: Waiting;
  /** On the test stream; undefined where the training was stopped or overfits one batch. */
  readonly examination: Examination | undefined;
}

/**
 * Trains on pictures that are drawn as it goes, and measures the best of the weights on the test stream. The caller
 * disposes of the model.
 * @throws what `fit` throws; the model is then freed
 */
export async function train(
  settings: ShapesConfig,
  { listeners = [], signal, ...surroundings }: TrainingSurroundings = {},
): Promise<Trained> {
  const { training } = settings;
  const trainingBatches = await openTrainingStream(settings);
  const validationBatches = await openValidationStream(settings);
  const model = createModel(settings);
  const waiting = new WaitingLog(trainingBatches, listeners);
  let examination: Examination | undefined;
  try {
    const result = await fit({
      ...surroundings,
      ...training,
      signal,
      listeners: [...listeners, waiting],
      model,
      trainingBatches,
      loss: ({ images, labels }) => shapesLoss(model.forward(images), labels, training.labelSmoothing),
      validate: (limits) => measure(model, validationBatches, limits),
      test: async () => {
        const testBatches = await openTestStream(settings);
        try {
          const evaluation = await evaluate(model, testBatches);
          examination = { evaluation, baselines: await baselines(trainingBatches, testBatches) };
          return evaluation.metrics;
        } finally {
          await testBatches.dispose();
        }
      },
    });
    return { model, result, waiting: waiting.measured, examination };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    await Promise.all([trainingBatches.dispose(), validationBatches.dispose()]);
  }
}

/** Logs at each epoch's end how long the steps have waited for the generator so far. */
class WaitingLog implements TrainingListener {
  readonly #batches: ShapeBatches;
  readonly #listeners: readonly TrainingListener[];
  readonly #startedAt = performance.now();
  #measured: Waiting = { waitTimeInSeconds: 0, waitShare: 0 };

  constructor(batches: ShapeBatches, listeners: readonly TrainingListener[]) {
    this.#batches = batches;
    this.#listeners = listeners;
  }

  /** Up to the last epoch's end. */
  get measured(): Waiting {
    return this.#measured;
  }

  async onMetrics(record: MetricRecord): Promise<void> {
    if (record.split !== 'train' || !('epochLoss' in record.metrics)) return;
    const { waitTimeInMs } = this.#batches;
    this.#measured = {
      waitTimeInSeconds: waitTimeInMs / 1000,
      waitShare: waitTimeInMs / (performance.now() - this.#startedAt),
    };
    for (const listener of this.#listeners) await listener.onMetrics?.({ ...record, metrics: { ...this.#measured } });
  }
}
