import * as tf from '@tensorflow/tfjs-core';

/** Nested arrays and records of tensors (a pytree). */
export type TensorTree = tf.Tensor | readonly TensorTree[] | { readonly [name: string]: TensorTree };

/** Tensors of a tree, depth first. */
export function leaves(tree: TensorTree): tf.Tensor[] {
  if (tree instanceof tf.Tensor) return [tree];
  return Object.values<TensorTree>(tree).flatMap(leaves);
}

/** The same tree with its tensors replaced, in the order of `leaves`. */
export function withLeaves<Tree extends TensorTree>(tree: Tree, tensors: readonly tf.Tensor[]): Tree {
  const rest = tensors.values();
  const walk = (part: TensorTree): TensorTree => {
    if (part instanceof tf.Tensor) return rest.next().value!;
    if (Array.isArray(part)) return (part as readonly TensorTree[]).map(walk);
    return Object.fromEntries(Object.entries(part).map(([name, child]) => [name, walk(child)]));
  };
  return walk(tree) as Tree;
}

/** @throws Error naming the first tensor of another shape or dtype */
export function checkSame(what: string, found: readonly tf.Tensor[], expected: readonly tf.Tensor[]): void {
  if (found.length !== expected.length)
    throw new Error(`${what}: expected ${expected.length} tensors, got ${found.length}`);
  found.forEach((tensor, index) => {
    const [given, wanted] = [tensor, expected[index]!].map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`);
    if (given !== wanted) throw new Error(`${what}: tensor ${index} expected ${wanted}, got ${given}`);
  });
}

/** `tf.tidy` for a result of any type that contains tensors. */
export function tidied<T>(body: () => T): T {
  return tf.tidy(body as () => tf.TensorContainer) as T;
}

/** The same tree with cloned tensors. A result that is an unchanged input then does not free the caller's tensor. */
export function cloned<Tree extends TensorTree>(tree: Tree): Tree {
  return withLeaves(
    tree,
    leaves(tree).map((each) => tf.clone(each)),
  );
}
