import { add, engine, mul, sum, type Tensor, zerosLike } from '@tensorflow/tfjs-core';

/**
 * Computes Σ weightᵢ ∂resultᵢ/∂x for each x on a tape of its own, so that it works inside a kernel, where tfjs records
 * none.
 *
 * @param weights float32 tensors of the results' shapes
 */
export function vectorJacobianProducts(
  results: () => readonly Tensor[],
  weights: readonly Tensor[],
  variables: readonly Tensor[],
): Tensor[] {
  if (variables.length === 0) return [];
  const { state } = engine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  Object.assign(state, { gradientDepth: 0, kernelDepth: 0 });
  try {
    const weighted = () =>
      results()
        .map((result, index) => sum(mul(result, weights[index]!)))
        .reduce((total, each) => add(total, each));
    const { grads } = engine().gradients(weighted, [...variables], undefined, true);
    // tfjs returns null, against its types, for a variable on which nothing depends.
    return grads.map((gradient, index) => (gradient as Tensor | undefined) ?? zerosLike(variables[index]!));
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
}
