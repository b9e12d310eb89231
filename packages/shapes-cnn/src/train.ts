import { fit, orDispose, RandomStream, type TensorRunContext } from '@motley/core';
import type { MetricRecord, TrainingListener, TrainingResult } from '@motley/run';
import type { ShapesConfig } from './config.ts';
import { openTrainingStream, openValidationStream, type ShapeBatches } from './data.ts';
import { measure, type TestEvaluator } from './evaluate.ts';
import { shapesLoss } from './loss.ts';
import { ShapesCnn } from './model.ts';

/** Creates the configured model, with the initial weights of the seed. */
export function createModel({ model, training }: Pick<ShapesConfig, 'model' | 'training'>): ShapesCnn {
  return new ShapesCnn(model, RandomStream.fromSeed(training.seed).fork('weights'));
}

/** Time that the training's steps waited for pictures. */
interface Waiting {
  readonly waitTimeInSeconds: number;
  /** Share of the training's time, validations included. */
  readonly waitShare: number;
}

/** Result of a training. */
export interface Trained {
  readonly model: ShapesCnn;
  readonly result: TrainingResult;
  readonly waiting: Waiting;
}

/**
 * Trains on pictures that are drawn on the fly. Evaluates the weights with the lowest validation loss on the test stream.
 * The caller disposes of the model.
 * @throws the errors of `fit`; the model is then disposed of
 */
export async function train(
  settings: ShapesConfig,
  evaluator: TestEvaluator,
  { listeners = [], signal, ...context }: TensorRunContext = {},
): Promise<Trained> {
  const { training } = settings;
  const trainingBatches = await openTrainingStream(settings);
  const validationBatches = await openValidationStream(settings);
  const model = createModel(settings);
  const waiting = new WaitingLog(trainingBatches, listeners);
  try {
    return await orDispose(model, async () => {
      const result = await fit({
        ...context,
        ...training,
        signal,
        listeners: [...listeners, waiting],
        model,
        trainingBatches,
        loss: ({ images, labels }) => shapesLoss(model.forward(images), labels, training.labelSmoothing),
        validate: (limits) => measure(model, validationBatches, limits),
        test: async () => (await evaluator.evaluation(model)).metrics,
      });
      return { model, result, waiting: waiting.measured };
    });
  } finally {
    await Promise.all([trainingBatches.dispose(), validationBatches.dispose()]);
  }
}

/** Logs at the end of each epoch how long the steps have waited for pictures so far. */
class WaitingLog implements TrainingListener {
  readonly #batches: ShapeBatches;
  readonly #listeners: readonly TrainingListener[];
  readonly #startedAt = performance.now();
  #measured: Waiting = { waitTimeInSeconds: 0, waitShare: 0 };

  constructor(batches: ShapeBatches, listeners: readonly TrainingListener[]) {
    this.#batches = batches;
    this.#listeners = listeners;
  }

  /** Waiting up to the end of the last epoch. */
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
