export type Sizes = ReadonlyMap<string, number>;

/** Strides of an array by label. The stride of a label that it lacks is 0. */
export type LabelStrides = ReadonlyMap<string, number>;

/** A repeated label takes the diagonal, an axis of size 1 is broadcast along its label. No number is copied. */
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

/** Number of index combinations of some labels. */
export function extentOf(labels: Iterable<string>, sizes: Sizes): number {
  let product = 1;
  for (const label of labels) product *= sizes.get(label)!;
  return product;
}

/** Offsets of all index combinations of some labels, in row-major order. */
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

/** Range of numbers between the first and the last that an array reaches. */
export interface Span {
  /** From the element whose indices are all 0; negative where strides are. */
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
