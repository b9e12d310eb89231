import { fit, RandomStream, type StateDict, type TensorRunContext } from '@motley/core';
import type { Tokenizer } from '@motley/core/text';
import { decodeArrays, UserError, type TrainingResult } from '@motley/run';
import type { TransformerConfig } from './config.ts';
import { transformerLoss } from './loss.ts';
import { Transformer } from './model.ts';
import type { Problem } from './problem.ts';
import { mergesOf } from './vocabulary.ts';

/** A network with the initial weights of its seed, that reads a tokenizer's symbols and keeps its vocabulary. */
export function createModel(
  { model, training }: Pick<TransformerConfig, 'model' | 'training'>,
  tokenizer: Tokenizer,
): Transformer {
  const random = RandomStream.fromSeed(training.seed).fork('weights');
  return new Transformer({ ...model, vocabulary: tokenizer.vocabularySize }, random, mergesOf(tokenizer));
}

/** The network of a checkpoint, as it was trained. The caller disposes of it. */
export function restoreModel(
  config: Pick<TransformerConfig, 'model' | 'training'>,
  tokenizer: Tokenizer,
  weights: StateDict,
): Transformer {
  const model = createModel(config, tokenizer);
  try {
    model.loadStateDict(weights);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model.eval();
}

/**
 * Trains a network, and measures the best of its weights on the test. The caller disposes of the model.
 * @throws UserError where `resume` learned another vocabulary, and what `fit` throws; the model is then freed
 */
export async function train(
  config: TransformerConfig,
  problem: Problem,
  surroundings: TensorRunContext = {},
): Promise<{ readonly model: Transformer; readonly result: TrainingResult }> {
  const { labelSmoothing, ...training } = config.training;
  const merges = mergesOf(problem.tokenizer);
  if (surroundings.resume !== undefined && merges !== undefined) requireVocabulary(surroundings.resume.weights, merges);
  const order = RandomStream.fromSeed(training.seed).fork('order');
  const model = createModel(config, problem.tokenizer);
  try {
    const result = await fit({
      ...surroundings,
      ...training,
      model,
      trainingBatches: problem.trainingBatches(order),
      loss: ({ source, input, target }, { random }) =>
        transformerLoss(model.forward(source, input, { random }), target, labelSmoothing),
      validate: (limits) => problem.validate(model, limits),
      test: () => problem.examine(model, 'test', surroundings.compile),
    });
    return { model, result };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** @throws UserError where a checkpoint learned another vocabulary than the data give */
function requireVocabulary(weights: Uint8Array, merges: readonly (readonly [number, number])[]): void {
  const found = decodeArrays(weights, 'checkpoint').merges;
  if (found?.values.join() !== merges.flat().join())
    throw new UserError(
      `checkpoint: expected the vocabulary of the training pairs, ${merges.length} merges, found ${found?.shape[0] ?? 'none'} of other pairs`,
    );
}
