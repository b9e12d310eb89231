import {
  addIntegers,
  advance,
  assemble,
  type AssembledFunction,
  choose,
  constant,
  get,
  loadInteger,
  loadVector,
  Locals,
  repeat,
  set,
  storeVector,
  type ValueType,
  VECTOR_BYTES,
  vectorsOf,
  webAssembly,
  type WebAssemblyMemory,
  zeroVector,
} from '@motley/webassembly';
import type { DataType } from '../array.ts';

/** Rows of the block of the product that a step of the kernel keeps in registers. */
export const TILE_ROWS = 4;
const WORD = 4;

/** The kernel for a type: a few hundred bytes of WebAssembly, which has SIMD where JavaScript has none. */
export interface MatrixKernel {
  /** `multiply` by tiles of two vectors to a row. */
  readonly multiplyPairs: Multiply;
  /** `multiply` by tiles of one vector to a row. */
  readonly multiplySingles: Multiply;
  readonly rearrange: Rearrange;
}

/**
 * The product of matrices that lie scattered in the kernel's memory. Addresses and offsets are in bytes, tables of
 * 32-bit integers: element (i, k) of the left matrix is at `left + leftRows[i] + depth[k][0]`, row k of the right one at
 * `right + depth[k][1]`, row i of the product at `product + productRows[i]`, the numbers of both side by side.
 *
 * @param rowTiles rows over TILE_ROWS, at least 1
 * @param depth the number of products that are summed, at least 1
 * @param columnTiles columns over the numbers of a tile, at least 1
 * @param adds 1: to what the product is already
 */
type Multiply = (
  leftRows: number,
  productRows: number,
  rowTiles: number,
  depthTable: number,
  depth: number,
  left: number,
  right: number,
  product: number,
  columnTiles: number,
  adds: 0 | 1,
) => void;

/** Copies a scattered matrix: `to + toRows[i] + toColumns[j]` ← `from + fromRows[i] + fromColumns[j]`. */
type Rearrange = (
  fromRows: number,
  toRows: number,
  rows: number,
  fromColumns: number,
  toColumns: number,
  columns: number,
  from: number,
  to: number,
) => void;

export function createKernel(dataType: DataType, memory: WebAssemblyMemory): MatrixKernel {
  const code = assemble([
    multiply(dataType, 'multiplyPairs', 2),
    multiply(dataType, 'multiplySingles', 1),
    rearrange(dataType),
  ]);
  const instance = new webAssembly.Instance(new webAssembly.Module(code), { host: { memory } });
  return instance.exports as MatrixKernel;
}

const integers = (count: number): ValueType[] => new Array<ValueType>(count).fill('i32');

function multiply(dataType: DataType, name: string, vectors: number): AssembledFunction {
  const { loadSplat, multiply: multiplyVectors, add: addVectors } = vectorsOf(dataType);
  const parameters = integers(10);
  const [leftRows, productRows, rowTiles, depthTable, depth] = [0, 1, 2, 3, 4];
  const [left, right, product, columnTiles, adds] = [5, 6, 7, 8, 9];
  const locals = new Locals(parameters.length);
  const integer = () => locals.add('i32');
  const [columnTile, columnAt, step, entry, offset, address] = [
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
  ];
  const scalar = locals.add('v128');
  const columns = Array.from({ length: vectors }, (_, index) => ({
    local: locals.add('v128'),
    at: index * VECTOR_BYTES,
  }));
  const rows = Array.from({ length: TILE_ROWS }, (_, row) => ({
    address: integer(),
    sums: columns.map(({ at }) => ({ local: locals.add('v128'), at })),
    entry: row * WORD,
  }));

  const toProduct = (row: number) => [
    ...[
      ...get(productRows),
      ...loadInteger(row),
      ...get(product),
      ...addIntegers,
      ...get(columnAt),
      ...addIntegers,
      ...set(address),
    ],
  ];
  const loadSums = rows.flatMap((row) => [
    ...toProduct(row.entry),
    ...row.sums.flatMap(({ local, at }) => [...get(address), ...loadVector(at), ...set(local)]),
  ]);
  const clearSums = rows.flatMap(({ sums }) => sums.flatMap(({ local }) => [...zeroVector, ...set(local)]));
  const storeSums = rows.flatMap((row) => [
    ...toProduct(row.entry),
    ...row.sums.flatMap(({ local, at }) => [...get(address), ...get(local), ...storeVector(at)]),
  ]);
  const oneStep = [
    ...[
      ...get(entry),
      ...loadInteger(WORD),
      ...get(right),
      ...addIntegers,
      ...get(columnAt),
      ...addIntegers,
      ...set(address),
    ],
    ...columns.flatMap(({ local, at }) => [...get(address), ...loadVector(at), ...set(local)]),
    ...[...get(entry), ...loadInteger(0), ...set(offset)],
    ...rows.flatMap((row) => [
      ...[...get(row.address), ...get(offset), ...addIntegers, ...loadSplat, ...set(scalar)],
      ...row.sums.flatMap(({ local }, index) => [
        ...[...get(local), ...get(scalar), ...get(columns[index]!.local), ...multiplyVectors],
        ...[...addVectors, ...set(local)],
      ]),
    ]),
    ...advance(entry, constant(2 * WORD)),
  ];
  const oneTile = [
    ...choose(get(adds), loadSums, clearSums),
    ...[...get(depthTable), ...set(entry), ...get(depth), ...set(step)],
    ...repeat(step, oneStep),
    ...storeSums,
    ...advance(columnAt, constant(vectors * VECTOR_BYTES)),
  ];
  const body = repeat(rowTiles, [
    ...rows.flatMap((row) => [
      ...[...get(leftRows), ...loadInteger(row.entry), ...get(left), ...addIntegers, ...set(row.address)],
    ]),
    ...[...constant(0), ...set(columnAt), ...get(columnTiles), ...set(columnTile)],
    ...repeat(columnTile, oneTile),
    ...advance(leftRows, constant(TILE_ROWS * WORD)),
    ...advance(productRows, constant(TILE_ROWS * WORD)),
  ]);
  return { name, parameters, locals: locals.types, body };
}

function rearrange(dataType: DataType): AssembledFunction {
  const { loadScalar, storeScalar } = vectorsOf(dataType);
  const [fromRows, toRows, rows, fromColumns, toColumns, columns, from, to] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [source, target, step, fromColumn, toColumn] = [8, 9, 10, 11, 12];
  const sum = (one: number, other: number, result: number) => [
    ...[...get(one), ...loadInteger(0), ...get(other), ...addIntegers, ...set(result)],
  ];
  const body = repeat(rows, [
    ...sum(fromRows, from, source),
    ...sum(toRows, to, target),
    ...[...get(columns), ...set(step), ...get(fromColumns), ...set(fromColumn), ...get(toColumns), ...set(toColumn)],
    ...repeat(step, [
      ...[...get(toColumn), ...loadInteger(0), ...get(target), ...addIntegers],
      ...[...get(fromColumn), ...loadInteger(0), ...get(source), ...addIntegers, ...loadScalar, ...storeScalar(0)],
      ...advance(fromColumn, constant(WORD)),
      ...advance(toColumn, constant(WORD)),
    ]),
    ...advance(fromRows, constant(WORD)),
    ...advance(toRows, constant(WORD)),
  ]);
  return { name: 'rearrange', parameters: integers(8), locals: integers(5), body };
}
