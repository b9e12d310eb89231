import { fit, orDispose, RandomStream, restored, type StateDict, type TensorRunContext } from '@motley/core';
import type { TrainingResult } from '@motley/run';
import type { MarkovConfig } from './config.ts';
import { symbolBatches, type SymbolData } from './data.ts';
import { evaluate } from './evaluate.ts';
import { symbolLoss } from './loss.ts';
import { SymbolPredictor } from './model.ts';

/** A predictor of the chain's symbols with the initial weights of its seed. */
function createModel({ model, training }: MarkovConfig, { chain }: SymbolData): SymbolPredictor {
  return new SymbolPredictor(model, chain.states, RandomStream.fromSeed(training.seed).fork('weights'));
}

/** A predictor with the weights of a checkpoint, ready for evaluation. The caller disposes of it. */
export function restoreModel(config: MarkovConfig, data: SymbolData, weights: StateDict): SymbolPredictor {
  return restored(createModel(config, data), weights);
}

/**
 * Trains a predictor, and measures its best weights on the test part. The caller disposes of the model; a training that
 * fails frees it.
 */
export async function train(
  config: MarkovConfig,
  data: SymbolData,
  context: TensorRunContext = {},
): Promise<{ readonly model: SymbolPredictor; readonly result: TrainingResult }> {
  const { headRateFactor, ...training } = config.training;
  const { chain } = data;
  const model = createModel(config, data);
  return orDispose(model, async () => {
    const random = RandomStream.fromSeed(training.seed).fork('order');
    const result = await fit({
      ...context,
      ...training,
      model,
      parameterGroups: [{ matches: (name) => name.startsWith('head.'), learningRateFactor: headRateFactor }],
      trainingBatches: symbolBatches(data.training, training.batchSize, random),
      loss: ({ symbols, next }) => symbolLoss(model.forward(symbols), next, chain.delay - 1),
      validate: (limits) => evaluate(model, data.validation, chain, limits),
      test: () => evaluate(model, data.test, chain),
    });
    return { model, result };
  });
}
