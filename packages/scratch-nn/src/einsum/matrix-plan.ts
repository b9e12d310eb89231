import { VECTOR_BYTES } from '@motley/webassembly';
import { extentOf, type LabelStrides, offsetsOf, type Sizes, type Span, spanOf } from './labeled-array.ts';
import { TILE_ROWS } from './matrix-kernel.ts';

/** Longer offset tables are split: they are read again for every tile and should stay in the cache. */
const MAX_TABLE_LENGTH = 1024;

/** Strides of the two operands and of the result. */
interface ProductLayout {
  readonly left: LabelStrides;
  readonly right: LabelStrides;
  readonly output: LabelStrides;
  readonly sizes: Sizes;
  readonly bytesPerNumber: number;
}

/** Copies a batch of matrices from one layout to another. Offsets are in bytes. */
export interface Rearrangement {
  readonly fromStarts: Int32Array;
  readonly toStarts: Int32Array;
  readonly fromRows: Int32Array;
  readonly toRows: Int32Array;
  readonly fromColumns: Int32Array;
  readonly toColumns: Int32Array;
  /** Size of the packed layout. */
  readonly bytes: number;
}

/** A contraction of two arrays as a batch of matrix products. Offsets are in bytes. */
export interface MatrixPlan {
  /** Whether the right operand is the left matrix. */
  readonly isSwapped: boolean;
  readonly spans: { readonly left: Span; readonly right: Span; readonly output: Span };
  /** Packs the right matrix; undefined where its rows are contiguous. */
  readonly packRight: Rearrangement | undefined;
  /** Unpacks the product; undefined where the rows of the result are contiguous. */
  readonly unpackOutput: Rearrangement | undefined;
  /** For each product, the offsets of its matrices, and whether it adds to the previous product. */
  readonly starts: {
    readonly left: Int32Array;
    readonly right: Int32Array;
    readonly output: Int32Array;
    readonly accumulates: Uint8Array;
  };
  /** Filled up to whole tiles by repeating the last row. */
  readonly leftRows: Int32Array;
  readonly outputRows: Int32Array;
  /** Pairs of offsets, in the left and in the right matrix. */
  readonly depth: Int32Array;
  /** Vectors in a row of the product. */
  readonly vectors: number;
}

/** Role of each label of a contraction in the matrix product. */
interface Roles {
  readonly left: LabelStrides;
  readonly right: LabelStrides;
  readonly batch: readonly string[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly depth: readonly string[];
}

/** The plan that copies least; undefined where plain loops are faster. */
export function planMatrices(layout: ProductLayout): MatrixPlan | undefined {
  const asGiven = rolesOf(layout, layout.left, layout.right);
  const swapped = rolesOf(layout, layout.right, layout.left);
  const isSwapped = copiesOf(swapped, layout) < copiesOf(asGiven, layout);
  const roles = isSwapped ? swapped : asGiven;
  const { sizes } = layout;
  const products = extentOf([...roles.batch, ...roles.rows, ...roles.columns, ...roles.depth], sizes);
  const [columns, depth] = [extentOf(roles.columns, sizes), extentOf(roles.depth, sizes)];
  if (columns < 4 || depth < 4 || products < 4096 || 2 * copiesOf(roles, layout) > products) return undefined;
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

/** How many numbers are packed and unpacked. */
function copiesOf(roles: Roles, layout: ProductLayout): number {
  const { sizes, output } = layout;
  const { batch, rows, columns, depth, right } = roles;
  const packed = hasContiguousRows(right, columns, layout) ? 0 : extentOf([...batch, ...depth, ...columns], sizes);
  const unpacked = hasContiguousRows(output, columns, layout) ? 0 : extentOf([...batch, ...rows, ...columns], sizes);
  return packed + unpacked;
}

/** Whether the numbers of a row are contiguous and fill whole vectors. */
function hasContiguousRows(
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
  const packed = hasContiguousRows(roles.right, columns, layout)
    ? undefined
    : packedLayout(roles.right, [batch, depth, columns], vectors * lanes, layout, 'pack');
  const unpacked = hasContiguousRows(layout.output, columns, layout)
    ? undefined
    : packedLayout(layout.output, [batch, rows, columns], vectors * lanes, layout, 'unpack');
  const right = packed?.strides ?? roles.right;
  const output = unpacked?.strides ?? layout.output;

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
    packRight: packed?.rearrangement,
    unpackOutput: unpacked?.rearrangement,
    starts: {
      left: inBytes(left, outer),
      right: inBytes(right, outer),
      output: inBytes(output, outer),
      accumulates: Uint8Array.from({ length: extentOf(outer, sizes) }, (_, index) => (index % pieces === 0 ? 0 : 1)),
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

/** A contiguous layout for [batch, rows, columns] whose rows are `width` numbers apart, and the copy to or from it. */
function packedLayout(
  strides: LabelStrides,
  [batch, rows, columns]: readonly [readonly string[], readonly string[], readonly string[]],
  width: number,
  { sizes, bytesPerNumber }: ProductLayout,
  direction: 'pack' | 'unpack',
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
  const [from, to] = direction === 'pack' ? [strides, own] : [own, strides];
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

/** Splits labels so that the inner ones have a table of at most MAX_TABLE_LENGTH offsets. */
function split(labels: readonly string[], sizes: Sizes): [outer: readonly string[], inner: readonly string[]] {
  let outer = 0;
  while (extentOf(labels.slice(outer), sizes) > MAX_TABLE_LENGTH && outer < labels.length - 1) outer++;
  return [labels.slice(0, outer), labels.slice(outer)];
}

function wholeTiles(rows: Int32Array): Int32Array {
  const count = Math.ceil(rows.length / TILE_ROWS) * TILE_ROWS;
  return Int32Array.from({ length: count }, (_, row) => rows[Math.min(row, rows.length - 1)]!);
}
