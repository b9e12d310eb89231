import { fit, RandomStream, type FitResult, type TrainingSurroundings } from '@motley/core';
import type { VaeConfig } from './config.ts';
import type { VaeData } from './data.ts';
import { evaluate, imageBatches, measure } from './evaluate.ts';
import { vaeLoss } from './loss.ts';
import { Vae } from './model.ts';

/** A model of the configuration's kind, with the initial weights of its seed. */
export function createModel({ model, training }: Pick<VaeConfig, 'model' | 'training'>): Vae {
  return new Vae(model, RandomStream.fromSeed(training.seed).fork('weights'));
}

/**
 * Trains a VAE, and measures the best of its weights on the test images. The caller disposes of the model.
 * @throws what `fit` throws; the model is then freed
 */
export async function train(
  { model: modelConfig, training, evaluation }: VaeConfig,
  data: VaeData,
  surroundings: TrainingSurroundings = {},
): Promise<{ readonly model: Vae; readonly result: FitResult }> {
  const { seed, batchSize } = training;
  const random = RandomStream.fromSeed(seed);
  const model = createModel({ model: modelConfig, training });
  try {
    const result = await fit({
      ...surroundings,
      ...training,
      model,
      trainingBatches: imageBatches(data.training, batchSize, random.fork('order')),
      loss: ({ images }, context) => vaeLoss(model.forward(images, context.random), images),
      // The same noise at each validation, so that they differ by the model alone.
      validate: (limits) => measure(model, data.validation, random.fork('validation'), limits),
      test: () => evaluate(model, data.test, { ...evaluation, seed }),
    });
    return { model, result };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
