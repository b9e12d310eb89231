import { VECTOR_BYTES } from '@motley/webassembly';
import { extentOf, type LabelStrides, offsetsOf, type Sizes, type Span, spanOf } from './labelled-array.ts';
import { TILE_ROWS } from './matrix-kernel.ts';

/** Tables of more rows than this are looped over in pieces: they are read again and again. */
const MAX_TABLE = 1024;

/** The strides of the two operands and of the result. */
export interface ProductLayout {
  readonly left: LabelStrides;
  readonly right: LabelStrides;
  readonly output: LabelStrides;
  readonly sizes: Sizes;
  readonly bytesPerNumber: number;
}

/** A copy from one layout of a matrix to another: of `batch` matrices. Offsets in bytes. */
export interface Rearrangement {
  readonly fromStarts: Int32Array;
  readonly toStarts: Int32Array;
  readonly fromRows: Int32Array;
  readonly toRows: Int32Array;
  readonly fromColumns: Int32Array;
  readonly toColumns: Int32Array;
  /** Of the numbers in the new layout. */
  readonly bytes: number;
}

/** How a contraction of two arrays is done by matrix products. Offsets in bytes. */
export interface MatrixPlan {
  /** Whether the right operand gives the rows. */
  readonly isSwapped: boolean;
  readonly spans: { readonly left: Span; readonly right: Span; readonly output: Span };
  /** Where the columns of the right operand, or of the result, do not lie side by side. */
  readonly ofRight: Rearrangement | undefined;
  readonly ofOutput: Rearrangement | undefined;
  /** For each product, where its matrices begin, and whether it is added to the one before. */
  readonly starts: {
    readonly left: Int32Array;
    readonly right: Int32Array;
    readonly output: Int32Array;
    readonly adds: Uint8Array;
  };
  /** Of whole tiles: missing rows repeat the last. */
  readonly leftRows: Int32Array;
  readonly outputRows: Int32Array;
  /** Pairs. */
  readonly depth: Int32Array;
  /** Whole vectors in a row of the result. */
  readonly vectors: number;
}

/** What the labels of a contraction are to matrices. */
interface Roles {
  readonly left: LabelStrides;
  readonly right: LabelStrides;
  readonly batch: readonly string[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly depth: readonly string[];
}

/** The plan with the least to copy; undefined where plain loops are better. */
export function planMatrices(layout: ProductLayout): MatrixPlan | undefined {
  const one = rolesOf(layout, layout.left, layout.right);
  const other = rolesOf(layout, layout.right, layout.left);
  const isSwapped = costOf(other, layout) < costOf(one, layout);
  const roles = isSwapped ? other : one;
  const { sizes } = layout;
  const products = extentOf([...roles.batch, ...roles.rows, ...roles.columns, ...roles.depth], sizes);
  const [columns, depth] = [extentOf(roles.columns, sizes), extentOf(roles.depth, sizes)];
  if (columns < 4 || depth < 4 || products < 4096 || 2 * costOf(roles, layout) > products) return undefined;
  return { ...planOf(roles, layout), isSwapped };
}

function rolesOf({ output, sizes }: ProductLayout, left: LabelStrides, right: LabelStrides): Roles {
  const all = [...new Set([...left.keys(), ...right.keys()])].filter((label) => sizes.get(label)! !== 1);
  const byStride = (labels: string[], strides: LabelStrides): string[] =>
    labels.sort((a, b) => Math.abs(strides.get(b) ?? 0) - Math.abs(strides.get(a) ?? 0));
  const ofOutput = byStride(
    all.filter((label) => output.has(label)),
    output,
  );
  return {
    left,
    right,
    batch: ofOutput.filter((label) => left.has(label) && right.has(label)),
    rows: ofOutput.filter((label) => !right.has(label)),
    columns: ofOutput.filter((label) => !left.has(label)),
    depth: byStride(
      all.filter((label) => !output.has(label)),
      left,
    ),
  };
}

/** Numbers that are copied from one layout to another. */
function costOf(roles: Roles, layout: ProductLayout): number {
  const { sizes, output } = layout;
  const { batch, rows, columns, depth, right } = roles;
  const ofRight = isSideBySide(right, columns, layout) ? 0 : extentOf([...batch, ...depth, ...columns], sizes);
  const ofOutput = isSideBySide(output, columns, layout) ? 0 : extentOf([...batch, ...rows, ...columns], sizes);
  return ofRight + ofOutput;
}

/** Whether the columns lie one after the other, and fill whole vectors. */
function isSideBySide(
  strides: LabelStrides,
  columns: readonly string[],
  { sizes, bytesPerNumber }: ProductLayout,
): boolean {
  let expected = 1;
  for (const label of columns.toReversed()) {
    if (strides.get(label) !== expected) return false;
    expected *= sizes.get(label)!;
  }
  return (expected * bytesPerNumber) % VECTOR_BYTES === 0;
}

function planOf(roles: Roles, layout: ProductLayout): Omit<MatrixPlan, 'isSwapped'> {
  const { sizes, bytesPerNumber } = layout;
  const { left, batch, rows, columns, depth } = roles;
  const lanes = VECTOR_BYTES / bytesPerNumber;
  const vectors = Math.ceil(extentOf(columns, sizes) / lanes);
  const ofRight = isSideBySide(roles.right, columns, layout)
    ? undefined
    : rearranged(roles.right, [batch, depth, columns], vectors * lanes, layout, 'to');
  const ofOutput = isSideBySide(layout.output, columns, layout)
    ? undefined
    : rearranged(layout.output, [batch, rows, columns], vectors * lanes, layout, 'from');
  const right = ofRight?.strides ?? roles.right;
  const output = ofOutput?.strides ?? layout.output;

  const [outerRows, innerRows] = split(rows, sizes);
  const [outerDepth, innerDepth] = split(depth, sizes);
  const outer = [...batch, ...outerRows, ...outerDepth];
  const inBytes = (strides: LabelStrides, labels: readonly string[]): Int32Array =>
    offsetsOf(strides, labels, sizes).map((offset) => offset * bytesPerNumber);
  const [leftDepth, rightDepth] = [inBytes(left, innerDepth), inBytes(right, innerDepth)];
  const pieces = extentOf(outerDepth, sizes);
  return {
    spans: {
      left: spanOf(left, sizes),
      right: spanOf(roles.right, sizes),
      output: spanOf(layout.output, sizes),
    },
    ofRight: ofRight?.rearrangement,
    ofOutput: ofOutput?.rearrangement,
    starts: {
      left: inBytes(left, outer),
      right: inBytes(right, outer),
      output: inBytes(output, outer),
      adds: Uint8Array.from({ length: extentOf(outer, sizes) }, (_, index) => (index % pieces === 0 ? 0 : 1)),
    },
    leftRows: wholeTiles(inBytes(left, innerRows)),
    outputRows: wholeTiles(inBytes(output, innerRows)),
    depth: Int32Array.from(
      { length: 2 * leftDepth.length },
      (_, index) => (index % 2 === 0 ? leftDepth : rightDepth)[index >> 1]!,
    ),
    vectors,
  };
}

/** A layout of its own for `[batch, rows, columns]`, rows being `width` apart, and the copy to or from it. */
function rearranged(
  strides: LabelStrides,
  [batch, rows, columns]: readonly [readonly string[], readonly string[], readonly string[]],
  width: number,
  { sizes, bytesPerNumber }: ProductLayout,
  direction: 'to' | 'from',
): { readonly strides: LabelStrides; readonly rearrangement: Rearrangement } {
  const own = new Map<string, number>();
  let next = 1;
  for (const label of columns.toReversed()) {
    own.set(label, next);
    next *= sizes.get(label)!;
  }
  next = width;
  for (const label of [...batch, ...rows].toReversed()) {
    own.set(label, next);
    next *= sizes.get(label)!;
  }
  const [from, to] = direction === 'to' ? [strides, own] : [own, strides];
  const inBytes = (each: LabelStrides, labels: readonly string[]): Int32Array =>
    offsetsOf(each, labels, sizes).map((offset) => offset * bytesPerNumber);
  const rearrangement = {
    fromStarts: inBytes(from, batch),
    toStarts: inBytes(to, batch),
    fromRows: inBytes(from, rows),
    toRows: inBytes(to, rows),
    fromColumns: inBytes(from, columns),
    toColumns: inBytes(to, columns),
    bytes: next * bytesPerNumber,
  };
  return { strides: own, rearrangement };
}

/** The outermost labels, so many that the others make no long table. */
function split(labels: readonly string[], sizes: Sizes): [outer: readonly string[], inner: readonly string[]] {
  let outer = 0;
  while (extentOf(labels.slice(outer), sizes) > MAX_TABLE && outer < labels.length - 1) outer++;
  return [labels.slice(0, outer), labels.slice(outer)];
}

function wholeTiles(rows: Int32Array): Int32Array {
  const count = Math.ceil(rows.length / TILE_ROWS) * TILE_ROWS;
  return Int32Array.from({ length: count }, (_, row) => rows[Math.min(row, rows.length - 1)]!);
}
