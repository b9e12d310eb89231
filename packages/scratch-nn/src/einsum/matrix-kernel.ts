import {
  addIntegers,
  advance,
  constant,
  get,
  ifElse,
  instantiate,
  type KernelFunction,
  loadInteger,
  loadVector,
  Locals,
  repeat,
  sequence,
  set,
  storeVector,
  type ValueType,
  VECTOR_BYTES,
  vectorsOf,
  type WebAssemblyMemory,
  zeroVector,
} from '@motley/webassembly';
import type { DataType } from '../array.ts';

/** Rows of the tile of the product that stays in registers. */
export const TILE_ROWS = 4;
const INTEGER_BYTES = 4;

/** Matrix functions for a number type, in a few hundred bytes of WebAssembly. JavaScript has no SIMD of its own. */
export interface MatrixKernel {
  /** `Multiply` with tiles two vectors wide. */
  readonly multiplyPairs: Multiply;
  /** `Multiply` with tiles one vector wide. */
  readonly multiplySingles: Multiply;
  readonly rearrange: Rearrange;
}

/**
 * Product of matrices that lie scattered in the kernel's memory. Addresses and offsets are in bytes, tables hold 32-bit
 * integers. Element (i, k) of the left matrix is at `left + leftRows[i] + depthTable[k][0]`. Row k of the right matrix
 * starts at `right + depthTable[k][1]` and row i of the product at `product + productRows[i]`; both are contiguous.
 *
 * @param rowTiles rows / TILE_ROWS, at least 1
 * @param depth number of products in each sum, at least 1
 * @param columnTiles columns / numbers in a tile's row, at least 1
 * @param accumulates 1 adds to the product, 0 overwrites it
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
  accumulates: 0 | 1,
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
  const functions = [
    multiplyFunction(dataType, 'multiplyPairs', 2),
    multiplyFunction(dataType, 'multiplySingles', 1),
    rearrangeFunction(dataType),
  ];
  return instantiate(functions, memory) as MatrixKernel;
}

const integers = (count: number): ValueType[] => new Array<ValueType>(count).fill('i32');

/** @param vectors width of a tile */
function multiplyFunction(dataType: DataType, name: string, vectors: number): KernelFunction {
  const { loadSplat, multiply, add } = vectorsOf(dataType);
  const parameters = integers(10);
  const [leftRows, productRows, rowTiles, depthTable, depth] = [0, 1, 2, 3, 4];
  const [left, right, product, columnTiles, accumulates] = [5, 6, 7, 8, 9];
  const locals = new Locals(parameters.length);
  const integer = () => locals.add('i32');
  const [columnTile, columnOffset, step] = [integer(), integer(), integer()];
  const [entry, offset, address] = [integer(), integer(), integer()];
  const scalar = locals.add('v128');
  const columns = Array.from({ length: vectors }, (_, index) => ({
    local: locals.add('v128'),
    offset: index * VECTOR_BYTES,
  }));
  const rows = Array.from({ length: TILE_ROWS }, (_, row) => ({
    address: integer(),
    sums: columns.map((column) => ({ local: locals.add('v128'), offset: column.offset, column: column.local })),
    entry: row * INTEGER_BYTES,
  }));
  type Row = (typeof rows)[number];

  const setProductAddress = (row: Row) =>
    set(address, addIntegers(addIntegers(loadInteger(get(productRows), row.entry), get(product)), get(columnOffset)));
  const loadSums = rows.flatMap((row) => [
    setProductAddress(row),
    ...row.sums.map((sum) => set(sum.local, loadVector(get(address), sum.offset))),
  ]);
  const clearSums = rows.flatMap(({ sums }) => sums.map(({ local }) => set(local, zeroVector)));
  const storeSums = rows.flatMap((row) => [
    setProductAddress(row),
    ...row.sums.map((sum) => storeVector(get(address), get(sum.local), sum.offset)),
  ]);
  const addProducts = ({ address: rowAddress, sums }: Row) => [
    set(scalar, loadSplat(addIntegers(get(rowAddress), get(offset)))),
    ...sums.map(({ local, column }) => set(local, add(get(local), multiply(get(scalar), get(column))))),
  ];
  const oneStep = sequence(
    set(address, addIntegers(addIntegers(loadInteger(get(entry), INTEGER_BYTES), get(right)), get(columnOffset))),
    ...columns.map((column) => set(column.local, loadVector(get(address), column.offset))),
    set(offset, loadInteger(get(entry))),
    ...rows.flatMap(addProducts),
    advance(entry, constant(2 * INTEGER_BYTES)),
  );
  const oneTile = sequence(
    ifElse(get(accumulates), sequence(...loadSums), sequence(...clearSums)),
    set(entry, get(depthTable)),
    set(step, get(depth)),
    repeat(step, oneStep),
    ...storeSums,
    advance(columnOffset, constant(vectors * VECTOR_BYTES)),
  );
  const body = repeat(
    rowTiles,
    ...rows.map((row) => set(row.address, addIntegers(loadInteger(get(leftRows), row.entry), get(left)))),
    set(columnOffset, constant(0)),
    set(columnTile, get(columnTiles)),
    repeat(columnTile, oneTile),
    advance(leftRows, constant(TILE_ROWS * INTEGER_BYTES)),
    advance(productRows, constant(TILE_ROWS * INTEGER_BYTES)),
  );
  return { name, parameters, locals: locals.types, body };
}

function rearrangeFunction(dataType: DataType): KernelFunction {
  const { loadScalar, storeScalar } = vectorsOf(dataType);
  const [fromRows, toRows, rows, fromColumns, toColumns, columns, from, to] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [source, target, step, fromColumn, toColumn] = [8, 9, 10, 11, 12];
  const entryPlus = (table: number, base: number) => addIntegers(loadInteger(get(table)), get(base));
  const body = repeat(
    rows,
    set(source, entryPlus(fromRows, from)),
    set(target, entryPlus(toRows, to)),
    set(step, get(columns)),
    set(fromColumn, get(fromColumns)),
    set(toColumn, get(toColumns)),
    repeat(
      step,
      storeScalar(entryPlus(toColumn, target), loadScalar(entryPlus(fromColumn, source))),
      advance(fromColumn, constant(INTEGER_BYTES)),
      advance(toColumn, constant(INTEGER_BYTES)),
    ),
    advance(fromRows, constant(INTEGER_BYTES)),
    advance(toRows, constant(INTEGER_BYTES)),
  );
  return { name: 'rearrange', parameters: integers(8), locals: integers(5), body };
}
