import { join } from 'node:path';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { summaryFileWriter } from './summaries.ts';

export interface TensorBoardOptions {
  /** When losses and metrics are written: after each epoch, the default, or after each batch as well. */
  readonly updateFreq?: 'batch' | 'epoch';
  /** Writes histograms of the weights every so many epochs; 0, the default, writes none. */
  readonly histogramFreq?: number;
}

type Logs = Readonly<Record<string, number | Scalar>>;

/** The part of a `tf.LayersModel` whose weights are written. */
interface Model {
  readonly weights: readonly { readonly name: string; read(): Tensor }[];
}

/** Callbacks for `fit` of a `tf.LayersModel`, which tfjs-layers calls on an object that has the model. */
export interface TensorBoardCallbacks {
  onBatchEnd(this: unknown, batch: number, logs?: Logs): Promise<void>;
  onEpochEnd(this: unknown, epoch: number, logs?: Logs): Promise<void>;
  onTrainEnd(this: unknown): Promise<void>;
}

/** Entries of the logs that are no metrics. */
const NOT_METRICS: ReadonlySet<string> = new Set(['batch', 'size', 'num_steps']);
const FREQUENCIES: ReadonlySet<string> = new Set(['batch', 'epoch']);
const VALIDATION_PREFIX = 'val_';

/**
 * Callbacks that write the course of `tf.LayersModel.fit` for TensorBoard: metrics of the training to `logdir/train`,
 * those of the validation to `logdir/val`.
 */
export function tensorBoard(logdir = './logs', options: TensorBoardOptions = {}): TensorBoardCallbacks {
  const { updateFreq = 'epoch', histogramFreq = 0 } = options;
  if (!FREQUENCIES.has(updateFreq)) throw new TypeError(`expected updateFreq to be batch or epoch, got ${updateFreq}`);
  if (!Number.isInteger(histogramFreq) || histogramFreq < 0)
    throw new RangeError(`expected histogramFreq to be a whole number from 0, got ${histogramFreq}`);
  const training = () => summaryFileWriter(join(logdir, 'train'));
  const validation = () => summaryFileWriter(join(logdir, 'val'));
  let batches = 0;
  let hasValidation = false;

  const write = (logs: Logs, prefix: string, step: number): void => {
    for (const [name, value] of Object.entries(logs)) {
      if (NOT_METRICS.has(name)) continue;
      if (name.startsWith(VALIDATION_PREFIX)) {
        hasValidation = true;
        validation().scalar(`${prefix}${name.slice(VALIDATION_PREFIX.length)}`, value, step);
      } else training().scalar(`${prefix}${name}`, value, step);
    }
  };
  return {
    onBatchEnd(_, logs = {}) {
      batches++;
      if (updateFreq === 'batch') write(logs, 'batch_', batches);
      return Promise.resolve();
    },
    onEpochEnd(epoch, logs = {}) {
      write(logs, 'epoch_', epoch + 1);
      if (histogramFreq > 0 && epoch % histogramFreq === 0) {
        const { model } = this as { readonly model: Model };
        for (const weight of model.weights) training().histogram(weight.name, weight.read(), epoch);
      }
      return Promise.resolve();
    },
    onTrainEnd() {
      training().flush();
      if (hasValidation) validation().flush();
      return Promise.resolve();
    },
  };
}
