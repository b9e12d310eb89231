import {
  Adam,
  cosineSchedule,
  fit,
  RandomStream,
  type FitResult,
  type ResumePoint,
  type StepCompiler,
  type TrainingListener,
} from '@motley/core';
import type { VaeConfig } from './config.ts';
import type { VaeData } from './data.ts';
import { imageBatches, measure } from './evaluate.ts';
import { vaeLoss } from './loss.ts';
import { Vae } from './model.ts';

export interface TrainOptions {
  readonly config: VaeConfig;
  readonly data: Pick<VaeData, 'training' | 'validation'>;
  readonly listeners?: readonly TrainingListener[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly resume?: ResumePoint | undefined;
  readonly compile?: StepCompiler | undefined;
}

/** A model of the configuration's kind, with the initial weights of its seed. */
export function createModel({ model, training }: Pick<VaeConfig, 'model' | 'training'>): Vae {
  return new Vae(model, RandomStream.fromSeed(training.seed).fork('weights'));
}

/**
 * Trains a VAE. The caller disposes of the model.
 * @throws what `fit` throws; the model is then freed
 */
export async function train(options: TrainOptions): Promise<{ readonly model: Vae; readonly result: FitResult }> {
  const { config, data, listeners, signal, resume, compile } = options;
  const { seed, epochs, steps, batchSize, learningRate, warmupSteps, logEverySteps } = config.training;
  const random = RandomStream.fromSeed(seed);
  const trainingBatches = imageBatches(data.training, batchSize, random.fork('order'));
  const totalSteps = steps ?? epochs * trainingBatches.batchesPerEpoch;
  const model = createModel(config);
  const optimizer = new Adam(model.namedParameters());
  try {
    const result = await fit({
      model,
      optimizer,
      schedule: cosineSchedule({ learningRate, warmupSteps, totalSteps }),
      trainingBatches,
      loss: ({ images }, context) => vaeLoss(model.forward(images, context.random), images),
      // The same noise at each epoch, so that epochs differ by the model alone.
      validate: () => measure(model, data.validation, random.fork('validation')),
      epochs,
      steps,
      seed,
      logEverySteps,
      signal,
      listeners,
      resume,
      compile,
    });
    return { model, result };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    optimizer.dispose();
  }
}
