import * as tf from '@tensorflow/tfjs-core';
import { tidied } from './tree.ts';

/** Whether `compile` is tracing the running code. Tensor values cannot be read then, and loops go into the graph. */
export function isTracing(): boolean {
  return (tf.backend() as { readonly isTracing?: boolean }).isTracing === true;
}

/**
 * Runs `body` to find its results and the float32 tensors that it captures, through which a gradient may flow. Disposes
 * of the results.
 */
export function explore<T>(
  given: readonly tf.Tensor[],
  body: () => readonly tf.Tensor[],
  describe: (returned: readonly tf.Tensor[]) => T,
): { readonly free: tf.Tensor[]; readonly description: T } {
  const { state } = tf.engine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  // A separate tape lists all inputs. Tensor ids tell which of them were created inside.
  Object.assign(state, { activeTape: [], gradientDepth: 1, kernelDepth: 0 });
  try {
    return tidied(() => {
      const firstInside = tf.scalar(0).id;
      const returned = body();
      const used = [...state.activeTape.flatMap(({ inputs }) => Object.values(inputs)), ...returned];
      const isFree = (tensor: tf.Tensor) => tensor.id < firstInside && tensor.dtype === 'float32';
      const free = new Map(used.filter(isFree).map((tensor) => [tensor.id, tensor]));
      for (const { id } of given) free.delete(id);
      tf.dispose(state.activeTape.map(({ saved }) => saved ?? []));
      return { free: [...free.values()], description: describe(returned) };
    });
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
}
