import '../nn/gradients/register.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../nn/module.ts';

/** Loss terms of one step, all scalars: `loss` is minimized, the others are logged. */
export type LossTerms = Readonly<Record<string, tf.Tensor>> & { readonly loss: tf.Tensor };

/** Gradients of the loss by parameter name. */
export type NamedGradients = Readonly<Record<string, tf.Tensor>>;

/**
 * Computes the loss terms and ∂loss/∂parameter for every parameter. The caller disposes of the tensors.
 * @throws Error naming a term that is not a scalar, or a parameter that the loss does not depend on
 */
export function valueAndGradients(
  loss: () => LossTerms,
  parameters: NamedVariables,
): { readonly terms: LossTerms; readonly gradients: NamedGradients } {
  let terms: LossTerms | undefined;
  const { value, grads } = tf.variableGrads(() => {
    terms = loss();
    for (const [name, term] of Object.entries(terms)) {
      if (term.rank !== 0) throw new Error(`loss term "${name}": expected a scalar, got shape [${term.shape.join()}]`);
      if (term !== terms.loss) tf.keep(term);
    }
    return terms.loss as tf.Scalar;
  }, [...parameters.values()]);
  const gradients: Record<string, tf.Tensor> = {};
  for (const [name, { name: key }] of parameters) {
    const gradient = grads[key];
    if (gradient === undefined) throw new Error(`gradient: the loss does not depend on parameter "${name}"`);
    gradients[name] = gradient;
  }
  return { terms: { ...terms, loss: value }, gradients };
}
