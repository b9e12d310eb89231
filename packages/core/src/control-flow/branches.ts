import * as tf from '@tensorflow/tfjs-core';
import { runKernel } from './scan.ts';
import { explore, isTracing } from './tracing.ts';
import { checkSame, cloned, leaves, tidied, withLeaves, type TensorTree } from './tree.ts';

/**
 * While loop: applies `body` to its own result while `condition` holds. In a compiled function it is a single graph
 * loop without a gradient; for a known length use `scan`. Otherwise it is a JavaScript loop that reads the condition in
 * each round.
 *
 * @param condition maps the loop value to a bool scalar
 * @param body pure function that keeps shapes and dtypes
 * @throws Error where `body` changes a shape or dtype, or `condition` does not return a bool scalar
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
      // Captured tensors are inputs too, so that a gradient through them is an error instead of zero.
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
 * Conditional: the result of `whenTrue` where `predicate` holds, else of `whenFalse`. Only one of them runs. Gradients
 * flow to every tensor that they use.
 *
 * @param predicate bool scalar; evaluated in the graph when compiled, otherwise read
 * @throws Error where the branches return different shapes or dtypes (compiled only), or `predicate` is not a bool
 *   scalar
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
