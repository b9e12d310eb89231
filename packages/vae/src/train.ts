import { fit, orDispose, RandomStream, type TensorRunContext, tensorSchedule } from '@motley/core';
import type { TrainingResult } from '@motley/run';
import { trainingBatches, drawPixels } from './batches.ts';
import type { VaeConfig } from './config.ts';
import type { VaeData } from './data.ts';
import { evaluate, measure } from './evaluate.ts';
import { vaeLoss } from './loss.ts';
import { Vae } from './model.ts';

/** Creates an untrained model with initial weights from the seed. */
export function createModel({ model, training }: Pick<VaeConfig, 'model' | 'training'>): Vae {
  return new Vae(model, RandomStream.fromSeed(training.seed).fork('weights'));
}

/**
 * Trains a VAE and evaluates its best weights on the test images. The caller disposes of the model.
 * @throws any error of `fit`, after freeing the model
 */
export async function train(
  config: VaeConfig,
  data: VaeData,
  context: TensorRunContext = {},
): Promise<{ readonly model: Vae; readonly result: TrainingResult }> {
  const { training, objective } = config;
  const random = RandomStream.fromSeed(training.seed);
  const model = createModel(config);
  const { klWarmupSteps } = objective;
  const klAnnealingAt = klWarmupSteps === 0 ? undefined : tensorSchedule((step) => step / klWarmupSteps, klWarmupSteps);
  return orDispose(model, async () => {
    const result = await fit({
      ...context,
      ...training,
      model,
      trainingBatches: trainingBatches(data.training, config, random.fork('order')),
      loss: ({ images: gray, labels }, { random: noise, step }) => {
        const images = drawPixels(gray, config, noise);
        const output = model.forward(images, noise, objective.importanceSamples);
        return vaeLoss(output, { images, labels }, objective, klAnnealingAt?.(step));
      },
      // Each validation uses the same noise, so that only the model makes a difference.
      validate: (limits) => measure(model, data.validation, objective, random.fork('validation'), limits),
      test: () => evaluate(model, data.test, config),
    });
    return { model, result };
  });
}
