import * as tf from '@tensorflow/tfjs-core';
import { customOperation } from '../tensors/custom-operation.ts';
import { cond } from './branches.ts';
import { isTracing } from './tracing.ts';
import { tidied } from './tree.ts';

/** One of the subnetworks that `choose` selects from. */
export interface Choice {
  /** Pure function. All choices must return the same shape and dtype. */
  readonly forward: (input: tf.Tensor) => tf.Tensor;
  /** Float32 tensors other than the input that `forward` uses and that receive a gradient. */
  readonly parameters: readonly tf.Tensor[];
}

/**
 * Runs one of several subnetworks: the choice at `index`. A compiled function decides in the graph; otherwise `index`
 * is read. Gradients flow to the input and to the parameters of the chosen subnetwork, and are exactly zero for the
 * others. The backward pass runs `forward` again. The trace grows linearly with the number of choices, where nested
 * `cond`s would double it at each level.
 *
 * @param index int32 scalar in [0, number of choices)
 * @throws Error where `index` is not an int32 scalar, or there is no choice
 * @throws RangeError naming an index outside, where it is read
 */
export function choose(index: tf.Tensor, input: tf.Tensor, choices: readonly Choice[]): tf.Tensor {
  if (index.rank !== 0 || index.dtype !== 'int32')
    throw new Error(`choose: expected an int32 scalar index, got ${index.dtype} [${index.shape.join(', ')}]`);
  if (choices.length === 0) throw new Error('choose: expected a choice at least, got none');
  const chosen = isTracing() ? 0 : index.dataSync<'int32'>()[0]!;
  if (chosen < 0 || chosen >= choices.length)
    throw new RangeError(`choose: expected an index in [0, ${choices.length}), got ${chosen}`);
  return customOperation(
    [input, ...choices.flatMap(({ parameters }) => parameters)],
    (save) => {
      save([index, input]);
      return withTape({ gradientDepth: 0 }, () => forwardOf(index, input, choices, 0));
    },
    (gradient, [chosen, x]) => {
      const products = choices.map((choice, position) =>
        cond(
          tf.equal(chosen!, tf.scalar(position, 'int32')),
          () => productsOf(choice, x!, gradient),
          () => [x!, ...choice.parameters].map((each) => tf.zerosLike(each)),
        ),
      );
      return [
        tf.addN(products.map(([byInput]) => byInput!)),
        ...products.flatMap(([, ...byParameters]) => byParameters),
      ];
    },
  );
}

/** Binary search for the choice: one condition per binary digit of the index. */
function forwardOf(index: tf.Tensor, input: tf.Tensor, choices: readonly Choice[], first: number): tf.Tensor {
  if (choices.length === 1) return choices[0]!.forward(input);
  const half = choices.length >> 1;
  return cond(
    tf.less(index, tf.scalar(first + half, 'int32')),
    () => forwardOf(index, input, choices.slice(0, half), first),
    () => forwardOf(index, input, choices.slice(half), first + half),
  );
}

/** Vector-Jacobian products, Σ gradient ∂output/∂x, for the input and each parameter. */
function productsOf({ forward, parameters }: Choice, input: tf.Tensor, gradient: tf.Tensor): tf.Tensor[] {
  return withTape({ gradientDepth: 0, kernelDepth: 0 }, () =>
    tf.grads((...[x]) => forward(x!))([input, ...parameters], gradient),
  );
}

/** Runs `body` with or without a tape. tfjs records none by itself inside a kernel or a custom gradient. */
function withTape<T>(depths: { readonly gradientDepth: number; readonly kernelDepth?: number }, body: () => T): T {
  const { state } = tf.engine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  Object.assign(state, depths);
  try {
    return tidied(body);
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
}
