import type { Module } from './module.ts';
import type { StateDict } from './state-dict.ts';

/** Result of `body`. A failure disposes of the model. */
export async function orDispose<T>(model: Module, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/**
 * The model with the weights of a checkpoint, in evaluation mode.
 * @throws StateDictError where they are another model's; the model is disposed of
 */
export function restored<Model extends Module>(model: Model, weights: StateDict): Model {
  try {
    model.loadStateDict(weights);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model.eval();
}
