export type Sizes = ReadonlyMap<string, number>;

/** Where the numbers of an array lie by labels; a label that it has not does not move within it. */
export type LabelStrides = ReadonlyMap<string, number>;

/** Repeated labels become the diagonal, axes of size 1 are repeated as far as the label goes: no number is copied. */
export function labelStrides(
  labels: readonly string[],
  shape: readonly number[],
  strides: readonly number[],
): LabelStrides {
  const byLabel = new Map<string, number>();
  for (const [axis, label] of labels.entries())
    byLabel.set(label, (byLabel.get(label) ?? 0) + (shape[axis] === 1 ? 0 : strides[axis]!));
  return byLabel;
}

/** The number of combinations of the labels' indices. */
export function extentOf(labels: Iterable<string>, sizes: Sizes): number {
  let product = 1;
  for (const label of labels) product *= sizes.get(label)!;
  return product;
}

/** Offsets of all combinations of the labels' indices, in row-major order. */
export function offsetsOf(strides: LabelStrides, labels: readonly string[], sizes: Sizes): Int32Array {
  let offsets = Int32Array.of(0);
  for (const label of labels) {
    const [size, stride] = [sizes.get(label)!, strides.get(label) ?? 0];
    const next = new Int32Array(offsets.length * size);
    for (let before = 0, position = 0; before < offsets.length; before++)
      for (let index = 0; index < size; index++) next[position++] = offsets[before]! + index * stride;
    offsets = next;
  }
  return offsets;
}

/** The first number that is reached, from the start, and how many from there to the last. */
export interface Span {
  readonly from: number;
  readonly length: number;
}

export function spanOf(strides: LabelStrides, sizes: Sizes): Span {
  let [first, last] = [0, 0];
  for (const [label, stride] of strides) {
    const reach = stride * (sizes.get(label)! - 1);
    if (reach < 0) first += reach;
    else last += reach;
  }
  return { from: first, length: last - first + 1 };
}
