import { fit, RandomStream, tensorSchedule, type TensorRunContext } from '@motley/core';
import type { TrainingResult } from '@motley/run';
import { trainingBatches, drawPixels } from './batches.ts';
import type { VaeConfig } from './config.ts';
import type { VaeData } from './data.ts';
import { evaluate, measure } from './evaluate.ts';
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
  config: VaeConfig,
  data: VaeData,
  surroundings: TensorRunContext = {},
): Promise<{ readonly model: Vae; readonly result: TrainingResult }> {
  const { training, objective } = config;
  const random = RandomStream.fromSeed(training.seed);
  const model = createModel(config);
  const { klWarmupSteps } = objective;
  const klPartAt = klWarmupSteps === 0 ? undefined : tensorSchedule((step) => step / klWarmupSteps, klWarmupSteps);
  try {
    const result = await fit({
      ...surroundings,
      ...training,
      model,
      trainingBatches: trainingBatches(data.training, config, random.fork('order')),
      loss: ({ images: grey, labels }, context) => {
        const images = drawPixels(grey, config, context.random);
        const output = model.forward(images, context.random, objective.importanceSamples);
        return vaeLoss(output, { images, labels }, objective, klPartAt?.(context.step));
      },
      // The same noise at each validation, so that they differ by the model alone.
      validate: (limits) => measure(model, data.validation, objective, random.fork('validation'), limits),
      test: () => evaluate(model, data.test, config),
    });
    return { model, result };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
