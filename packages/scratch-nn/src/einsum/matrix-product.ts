import { VECTOR_BYTES } from '@motley/webassembly';
import type { Values } from '../array.ts';
import type { Span } from './labeled-array.ts';
import { type MatrixKernel, TILE_ROWS } from './matrix-kernel.ts';
import type { MatrixPlan, Rearrangement } from './matrix-plan.ts';
import type { Operand } from './sum-of-products.ts';
import { workMemory } from './work-memory.ts';

/** Part of the right matrix that every row tile reads: it stays in the first-level cache. */
const MAX_BLOCK_BYTES = 16_384;
const MAX_BLOCK_DEPTH = 256;
const BYTES_PER_PAIR = 2 * Int32Array.BYTES_PER_ELEMENT;

/** Bytes of kernel memory that a plan needs. */
export function memoryOf(plan: MatrixPlan, bytesPerNumber: number): number {
  const { spans, packRight, unpackOutput, leftRows, outputRows, depth } = plan;
  const numbers = spans.left.length + spans.right.length + spans.output.length;
  const tables = [
    leftRows,
    outputRows,
    depth,
    ...tablesOf(packRight),
    ...tablesOf(unpackOutput),
    ...tablesOf(unpackOutput),
  ];
  const bytes = tables.reduce((sum, { byteLength }) => sum + byteLength + VECTOR_BYTES, 0);
  return numbers * bytesPerNumber + bytes + (packRight?.bytes ?? 0) + (unpackOutput?.bytes ?? 0) + 8 * VECTOR_BYTES;
}

function tablesOf(rearrangement: Rearrangement | undefined): Int32Array[] {
  if (rearrangement === undefined) return [];
  const { fromRows, toRows, fromColumns, toColumns } = rearrangement;
  return [fromRows, toRows, fromColumns, toColumns];
}

/**
 * Runs a plan's matrix products. The operands are copied into the kernel's memory in their own layout, and the kernel
 * gathers the left matrix's numbers from there (Matthews, "High-performance tensor contraction without transposition",
 * 2018).
 * @param accumulates whether to add to `output` or to overwrite it
 */
export function runProducts(
  plan: MatrixPlan,
  operands: { readonly left: Operand; readonly right: Operand; readonly output: Operand },
  accumulates: boolean,
): void {
  const { packRight, unpackOutput, spans } = plan;
  const { values } = operands.output;
  const bytes = values.BYTES_PER_ELEMENT;
  const kernel = workMemory.kernel(values instanceof Float32Array ? 'float32' : 'float64');
  workMemory.begin(memoryOf(plan, bytes));
  const [first, second] = plan.isSwapped ? [operands.right, operands.left] : [operands.left, operands.right];
  const left = workMemory.place(numbersOf(first, spans.left)) - spans.left.from * bytes;
  let right = workMemory.place(numbersOf(second, spans.right)) - spans.right.from * bytes;
  if (packRight !== undefined) {
    const target = workMemory.reserve(packRight.bytes);
    rearrange(kernel, packRight, right, target);
    right = target;
  }
  const result = numbersOf(operands.output, spans.output);
  const resultAt = accumulates ? workMemory.place(result) : workMemory.reserve(result.byteLength);
  const output = resultAt - spans.output.from * bytes;
  const product = unpackOutput === undefined ? output : workMemory.reserve(unpackOutput.bytes);
  if (accumulates && unpackOutput !== undefined) rearrange(kernel, reversed(unpackOutput), output, product);
  multiply(kernel, plan, { left, right, product }, accumulates);
  if (unpackOutput !== undefined) rearrange(kernel, unpackOutput, product, output);
  workMemory.read(resultAt, result);
}

function numbersOf({ values, start }: Operand, { from, length }: Span): Values {
  return values.subarray(start + from, start + from + length);
}

/** @param addresses of the elements at offset 0 */
function multiply(
  { multiplyPairs, multiplySingles }: MatrixKernel,
  plan: MatrixPlan,
  { left, right, product }: { readonly left: number; readonly right: number; readonly product: number },
  accumulates: boolean,
): void {
  const { starts, vectors } = plan;
  const [leftRows, outputRows] = [workMemory.place(plan.leftRows), workMemory.place(plan.outputRows)];
  const depthTable = workMemory.place(plan.depth);
  const rowTiles = plan.leftRows.length / TILE_ROWS;
  const depth = plan.depth.length / 2;
  const blockDepth = Math.min(depth, MAX_BLOCK_DEPTH);
  const blockVectors = 2 * Math.max(1, Math.floor(MAX_BLOCK_BYTES / (2 * VECTOR_BYTES * blockDepth)));
  for (let index = 0; index < starts.accumulates.length; index++) {
    const leftAt = left + starts.left[index]!;
    for (let fromDepth = 0; fromDepth < depth; fromDepth += blockDepth) {
      const steps = Math.min(blockDepth, depth - fromDepth);
      const table = depthTable + fromDepth * BYTES_PER_PAIR;
      const adds = accumulates || fromDepth > 0 || starts.accumulates[index] === 1 ? 1 : 0;
      for (let from = 0; from < vectors; from += blockVectors) {
        const rightAt = right + starts.right[index]! + from * VECTOR_BYTES;
        const productAt = product + starts.output[index]! + from * VECTOR_BYTES;
        const pairs = Math.min(blockVectors, vectors - from) >> 1;
        if (pairs > 0)
          multiplyPairs(leftRows, outputRows, rowTiles, table, steps, leftAt, rightAt, productAt, pairs, adds);
        if (from + blockVectors <= vectors || vectors % 2 === 0) continue;
        const done = 2 * pairs * VECTOR_BYTES;
        multiplySingles(
          leftRows,
          outputRows,
          rowTiles,
          table,
          steps,
          leftAt,
          rightAt + done,
          productAt + done,
          1,
          adds,
        );
      }
    }
  }
}

function rearrange(kernel: MatrixKernel, plan: Rearrangement, from: number, to: number): void {
  const [fromRows, toRows, fromColumns, toColumns] = tablesOf(plan).map((table) => workMemory.place(table)) as [
    number,
    number,
    number,
    number,
  ];
  const [rows, columns] = [plan.fromRows.length, plan.fromColumns.length];
  for (const [index, start] of plan.fromStarts.entries())
    kernel.rearrange(fromRows, toRows, rows, fromColumns, toColumns, columns, from + start, to + plan.toStarts[index]!);
}

function reversed(plan: Rearrangement): Rearrangement {
  return {
    ...plan,
    fromStarts: plan.toStarts,
    toStarts: plan.fromStarts,
    fromRows: plan.toRows,
    toRows: plan.fromRows,
    fromColumns: plan.toColumns,
    toColumns: plan.fromColumns,
  };
}
