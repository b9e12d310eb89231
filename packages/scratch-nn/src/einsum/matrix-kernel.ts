import type { DataType } from '../array.ts';
import { host, type WebAssemblyMemory } from './webassembly-host.ts';
import {
  add,
  advance,
  assemble,
  choose,
  constant,
  get,
  loadInteger,
  loadVector,
  Locals,
  type ModuleFunction,
  numbers,
  repeat,
  set,
  storeVector,
  zeroVector,
} from './webassembly.ts';

/** Rows of the block of the product that a step of the kernel keeps in registers. */
export const TILE_ROWS = 4;
export const VECTOR_BYTES = 16;
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
  const instance = new host.Instance(new host.Module(code), { host: { memory } });
  return instance.exports as MatrixKernel;
}

function multiply(dataType: DataType, name: string, vectors: number): ModuleFunction {
  const { splat, multiplyVectors, addVectors } = numbers[dataType];
  const locals = new Locals({ parameters: 10, integers: 6 + TILE_ROWS, vectors: 1 + (1 + TILE_ROWS) * vectors });
  const integer = () => locals.integer();
  const [leftRows, productRows, rowTiles, depthTable, depth] = [integer(), integer(), integer(), integer(), integer()];
  const [left, right, product, columnTiles, adds] = [integer(), integer(), integer(), integer(), integer()];
  const [columnTile, columnAt, step, entry, offset, address] = [
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
  ];
  const scalar = locals.vector();
  const columns = Array.from({ length: vectors }, (_, index) => ({ local: locals.vector(), at: index * VECTOR_BYTES }));
  const rows = Array.from({ length: TILE_ROWS }, (_, row) => ({
    address: integer(),
    sums: columns.map(({ at }) => ({ local: locals.vector(), at })),
    entry: row * WORD,
  }));

  const toProduct = (row: number) => [
    ...[...get(productRows), ...loadInteger(row), ...get(product), ...add, ...get(columnAt), ...add, ...set(address)],
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
    ...[...get(entry), ...loadInteger(WORD), ...get(right), ...add, ...get(columnAt), ...add, ...set(address)],
    ...columns.flatMap(({ local, at }) => [...get(address), ...loadVector(at), ...set(local)]),
    ...[...get(entry), ...loadInteger(0), ...set(offset)],
    ...rows.flatMap((row) => [
      ...[...get(row.address), ...get(offset), ...add, ...splat, ...set(scalar)],
      ...row.sums.flatMap(({ local }, index) => [
        ...[...get(local), ...get(scalar), ...get(columns[index]!.local), ...multiplyVectors],
        ...[...addVectors, ...set(local)],
      ]),
    ]),
    ...advance(entry, 2 * WORD),
  ];
  const oneTile = [
    ...choose(get(adds), loadSums, clearSums),
    ...[...get(depthTable), ...set(entry), ...get(depth), ...set(step)],
    ...repeat(step, oneStep),
    ...storeSums,
    ...advance(columnAt, vectors * VECTOR_BYTES),
  ];
  const body = repeat(rowTiles, [
    ...rows.flatMap((row) => [
      ...[...get(leftRows), ...loadInteger(row.entry), ...get(left), ...add, ...set(row.address)],
    ]),
    ...[...constant(0), ...set(columnAt), ...get(columnTiles), ...set(columnTile)],
    ...repeat(columnTile, oneTile),
    ...advance(leftRows, TILE_ROWS * WORD),
    ...advance(productRows, TILE_ROWS * WORD),
  ]);
  return { name, locals, body };
}

function rearrange(dataType: DataType): ModuleFunction {
  const { load, store } = numbers[dataType];
  const locals = new Locals({ parameters: 8, integers: 5, vectors: 0 });
  const integer = () => locals.integer();
  const [fromRows, toRows, rows, fromColumns, toColumns] = [integer(), integer(), integer(), integer(), integer()];
  const [columns, from, to, source, target] = [integer(), integer(), integer(), integer(), integer()];
  const [step, fromColumn, toColumn] = [integer(), integer(), integer()];
  const sum = (one: number, other: number, result: number) => [
    ...[...get(one), ...loadInteger(0), ...get(other), ...add, ...set(result)],
  ];
  const body = repeat(rows, [
    ...sum(fromRows, from, source),
    ...sum(toRows, to, target),
    ...[...get(columns), ...set(step), ...get(fromColumns), ...set(fromColumn), ...get(toColumns), ...set(toColumn)],
    ...repeat(step, [
      ...[...get(toColumn), ...loadInteger(0), ...get(target), ...add],
      ...[...get(fromColumn), ...loadInteger(0), ...get(source), ...add, ...load, ...store],
      ...advance(fromColumn, WORD),
      ...advance(toColumn, WORD),
    ]),
    ...advance(fromRows, WORD),
    ...advance(toRows, WORD),
  ]);
  return { name: 'rearrange', locals, body };
}
