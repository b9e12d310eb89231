import { fit, orDispose, RandomStream, type TensorRunContext } from '@motley/core';
import { decodeArrays, UserError, type TrainingResult } from '@motley/run';
import type { TransformerConfig } from './config.ts';
import { createModel } from './create-model.ts';
import { symbolCount, transformerLoss } from './loss.ts';
import type { Transformer } from './model.ts';
import type { Problem } from './problem.ts';
import { mergesOf } from './vocabulary.ts';

/**
 * Trains a network, and evaluates its best weights on the test part. The caller disposes of the model.
 * @throws UserError if `resume` has another vocabulary; as `fit`. The model is then disposed of.
 */
export async function train(
  config: TransformerConfig,
  problem: Problem,
  context: TensorRunContext = {},
): Promise<{ readonly model: Transformer; readonly result: TrainingResult }> {
  const { labelSmoothing, ...training } = config.training;
  const merges = mergesOf(problem.tokenizer);
  if (context.resume !== undefined && merges !== undefined) requireVocabulary(context.resume.weights, merges);
  const order = RandomStream.fromSeed(training.seed).fork('order');
  const model = createModel(config, problem.tokenizer);
  return orDispose(model, async () => {
    const result = await fit({
      ...context,
      ...training,
      model,
      trainingBatches: problem.trainingBatches(order),
      loss: ({ source, input, target }, { random }) =>
        transformerLoss(model.forward(source, input, { random }), target, labelSmoothing),
      weightOf: ({ target }) => symbolCount(target),
      validate: (limits) => problem.validate(model, limits),
      test: () => problem.evaluate(model, 'test', context.compile),
    });
    return { model, result };
  });
}

/** @throws UserError if the checkpoint's vocabulary differs from that of the training pairs */
function requireVocabulary(weights: Uint8Array, merges: readonly (readonly [number, number])[]): void {
  const found = decodeArrays(weights, 'checkpoint').merges;
  if (found?.values.join() !== merges.flat().join())
    throw new UserError(
      `checkpoint: expected the vocabulary of the training pairs, ${merges.length} merges, found ${found?.shape[0] ?? 'none'} of other pairs`,
    );
}
