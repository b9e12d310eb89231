import * as tf from '@tensorflow/tfjs-core';
import { runKernel } from './scan.ts';
import { explore, isTracing } from './tracing.ts';
import { checkSame, cloned, leaves, tidied, withLeaves, type TensorTree } from './tree.ts';

/**
 * Repeats `body` on its own result while `condition` holds. In a compiled function this is one loop of the graph,
 * otherwise a JavaScript loop that reads the condition in each round. Compiled, it has no gradient: use `scan` for a
 * known length.
 *
 * @param condition boolean scalar from the value of the next round
 * @param body pure; keeps shapes and dtypes
 * @throws Error where `body` changes a shape or dtype, or `condition` does not return a boolean scalar
 */
export function whileLoop<Loop extends TensorTree>(
  condition: (loop: Loop) => tf.Tensor,
  body: (loop: Loop) => Loop,
  initial: Loop,
): Loop {
  const initialLeaves = leaves(initial);
  const checkedCondition = (loop: Loop) => checkedPredicate('whileLoop: the condition', condition(loop));
  const checkedBody = (loop: Loop) => {
    const result = body(loop);
    checkSame('whileLoop: the result of the body', leaves(result), initialLeaves);
    return result;
  };
  return tidied(() => {
    if (isTracing()) {
      const functions = {
        loopCount: initialLeaves.length,
        condition: (loop: readonly tf.Tensor[]) => checkedCondition(withLeaves(initial, loop)),
        body: (loop: readonly tf.Tensor[]) => leaves(checkedBody(withLeaves(initial, loop))),
      };
      // Captured tensors are inputs too: a gradient through them is then an error, not zero.
      const { free } = explore(
        initialLeaves,
        () => functions.body(initialLeaves),
        () => undefined,
      );
      return withLeaves(initial, runKernel('WhileLoop', [...initialLeaves, ...free], functions));
    }
    let loop = cloned(initial);
    while (tidied(() => checkedCondition(loop).dataSync()[0]) === 1) {
      loop = tidied(() => checkedBody(loop));
    }
    return loop;
  });
}

/**
 * Result of `whenTrue` where `predicate` holds, else of `whenFalse`. Only one of them runs. Gradients flow to every
 * tensor that they use.
 *
 * @param predicate boolean scalar; compiled, the graph evaluates it, otherwise it is read
 * @throws Error where the two return different shapes or dtypes (compiled), or `predicate` is not a boolean scalar
 */
export function cond<Result extends TensorTree>(
  predicate: tf.Tensor,
  whenTrue: () => Result,
  whenFalse: () => Result,
): Result {
  checkedPredicate('cond: the predicate', predicate);
  return tidied(() => {
    if (!isTracing()) return predicate.dataSync()[0] === 1 ? whenTrue() : whenFalse();
    let template: Result | undefined;
    const branches = [whenTrue, whenFalse].map((branch) => () => leaves((template = branch())));
    const explored = branches.map((branch) =>
      explore([], branch, (returned) => returned.map(({ shape, dtype }) => tf.zeros(shape, dtype))),
    );
    checkSame('cond: the results of whenFalse', explored[1]!.description, explored[0]!.description);
    const free = [...new Set(explored.flatMap((each) => each.free))];
    const results = runKernel('Cond', free, { predicate, whenTrue: branches[0]!, whenFalse: branches[1]! });
    return withLeaves(template!, results);
  });
}

function checkedPredicate(what: string, predicate: tf.Tensor): tf.Tensor {
  if (predicate.rank === 0 && predicate.dtype === 'bool') return predicate;
  throw new Error(`${what}: expected a bool scalar, got ${predicate.dtype} [${predicate.shape.join(', ')}]`);
}
