import { UserError, shown } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';

/** Tensors by parameter or buffer name. */
export type StateDict = Readonly<Record<string, tf.Tensor>>;

/** State dict of another model. The message names the tensor, what was expected and what was found. */
export class StateDictError extends UserError {
  override readonly name = 'StateDictError';
}

/** @throws StateDictError naming the first tensor that is missing, unexpected or of another shape or dtype. */
export function checkStateDict(
  state: StateDict,
  expected: ReadonlyMap<string, { readonly shape: readonly number[]; readonly dtype: string }>,
): void {
  const missing = [...expected.keys()].find((name) => state[name] === undefined);
  const unexpected = Object.keys(state).find((name) => !expected.has(name));
  if (missing !== undefined) {
    const instead = unexpected === undefined ? '' : `, found the unexpected ${shown(unexpected)}`;
    throw new StateDictError(`state dict: expected tensor ${shown(missing)}${instead || ', found none'}`);
  }
  if (unexpected !== undefined)
    throw new StateDictError(`state dict: unexpected tensor ${shown(unexpected)}, expected ${expected.size} others`);
  for (const [name, { shape, dtype }] of expected) {
    const found = state[name]!;
    if (found.dtype !== dtype || found.shape.join() !== shape.join())
      throw new StateDictError(
        `state dict: tensor ${shown(name)} expected ${dtype} [${shape.join(', ')}], ` +
          `found ${found.dtype} [${found.shape.join(', ')}]`,
      );
  }
}

/**
 * Sets a variable to a copy of `value`. A shared tensor would change with the variable, as fused kernels update in
 * place.
 */
export function copyInto(variable: tf.Variable, value: tf.Tensor): void {
  tf.tidy(() => {
    variable.assign(value.dtype === 'float32' ? tf.mul(value, 1) : tf.clone(value));
  });
}
