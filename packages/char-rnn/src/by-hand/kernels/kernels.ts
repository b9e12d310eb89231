import {
  addIntegers,
  advance,
  assemble,
  type AssembledFunction,
  type Code,
  constant,
  get,
  loadVector,
  type NumberType,
  repeat,
  set,
  storeVector,
  VECTOR_BYTES,
  vectorsOf,
  webAssembly,
  type WebAssemblyMemory,
  zeroVector,
} from '@motley/webassembly';

/**
 * Adds products to a strip of rows, a tile of columns after another: product[i, j] += Σₖ left[i, k] right[k, j]. Addresses
 * and distances are in bytes; depth and tiles are at least 1.
 */
type Strip = (
  product: number,
  left: number,
  right: number,
  depth: number,
  tiles: number,
  leftRow: number,
  leftColumn: number,
  /** From row to row of `right` and of `product`, which are as long. */
  row: number,
) => void;

/** What the module of a type has. */
export interface Kernels {
  readonly fourRows: Strip;
  readonly wideRow: Strip;
  readonly narrowRow: Strip;
  /** Writes four rows as columns: `row` is the distance between the rows, `column` that between the rows of the transpose. */
  readonly transposeFourRows: (from: number, to: number, columns: number, row: number, column: number) => void;
  /** A step of Adagrad on vectors at these addresses: see adagrad.ts. */
  readonly adagrad: (
    values: number,
    gradients: number,
    memory: number,
    vectors: number,
    learningRate: number,
    scale: number,
    limit: number,
    epsilon: number,
  ) => void;
}

/** Rows, and vectors side by side, that fill sixteen registers; and a narrow one for what is left of a row. */
const STRIPS = {
  fourRows: { rows: 4, vectors: 2 },
  wideRow: { rows: 1, vectors: 8 },
  narrowRow: { rows: 1, vectors: 1 },
} as const;

export type StripName = keyof typeof STRIPS;

/** Columns of each strip's tile. */
export function tilesOf(type: NumberType) {
  const { lanes } = vectorsOf(type);
  return {
    fourRows: STRIPS.fourRows.vectors * lanes,
    wideRow: STRIPS.wideRow.vectors * lanes,
    narrowRow: STRIPS.narrowRow.vectors * lanes,
  };
}

/** Compiles the kernels for a memory. */
export function makeKernels(type: NumberType, memory: WebAssemblyMemory): Kernels {
  const strips = Object.entries(STRIPS).map(([name, { rows, vectors }]) => strip(type, name, rows, vectors));
  const module = new webAssembly.Module(assemble([...strips, transposeFourRows(type), adagrad(type)]));
  return new webAssembly.Instance(module, { host: { memory } }).exports as Kernels;
}

/** The sums of a tile stay in registers. */
function strip(type: NumberType, name: string, rows: number, vectors: number): AssembledFunction {
  const { loadSplat, multiply, add } = vectorsOf(type);
  const [product, left, right, depth, tiles, leftRow, leftColumn, row] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [step, rightAt, productAt] = [8, 9, 10];
  const leftAt = (index: number) => 11 + index;
  const sum = (index: number, at: number) => 11 + rows + index * vectors + at;
  const ofRight = (at: number) => sum(rows, at);
  const ofLeft = sum(rows, vectors);
  const eachRow = (make: (index: number) => Code) => [...Array(rows).keys()].flatMap(make);
  const eachVector = (make: (at: number) => Code) => [...Array(vectors).keys()].flatMap(make);

  const loadRight = (at: number) => [...get(rightAt), ...loadVector(at * VECTOR_BYTES)];
  // A single row uses each vector of the right once: it needs no register.
  const isReused = rows > 1;
  const oneStep = [
    ...(isReused ? eachVector((at) => [...loadRight(at), ...set(ofRight(at))]) : []),
    ...eachRow((index) => [
      ...[...get(leftAt(index)), ...loadSplat, ...set(ofLeft)],
      ...eachVector((at) => [
        ...[...get(sum(index, at)), ...get(ofLeft), ...(isReused ? get(ofRight(at)) : loadRight(at))],
        ...[...multiply, ...add, ...set(sum(index, at))],
      ]),
      ...advance(leftAt(index), get(leftColumn)),
    ]),
    ...advance(rightAt, get(row)),
  ];
  const oneTile = [
    ...eachRow((index) => [
      ...(index === 0 ? get(left) : [...get(leftAt(index - 1)), ...get(leftRow), ...addIntegers]),
      ...set(leftAt(index)),
      ...eachVector((at) => [...zeroVector, ...set(sum(index, at))]),
    ]),
    ...[...get(right), ...set(rightAt), ...get(depth), ...set(step)],
    ...repeat(step, oneStep),
    ...[...get(product), ...set(productAt)],
    ...eachRow((index) => [
      ...eachVector((at) => [
        ...[...get(productAt), ...get(productAt), ...loadVector(at * VECTOR_BYTES)],
        ...[...get(sum(index, at)), ...add, ...storeVector(at * VECTOR_BYTES)],
      ]),
      ...advance(productAt, get(row)),
    ]),
    ...advance(right, constant(vectors * VECTOR_BYTES)),
    ...advance(product, constant(vectors * VECTOR_BYTES)),
  ];
  return {
    name,
    parameters: Array.from({ length: 8 }, () => 'i32' as const),
    locals: [
      ...Array.from({ length: 3 + rows }, () => 'i32' as const),
      ...Array.from({ length: (rows + 1) * vectors + 1 }, () => 'v128' as const),
    ],
    body: repeat(tiles, oneTile),
  };
}

function transposeFourRows(type: NumberType): AssembledFunction {
  const { bytes, loadScalar, storeScalar } = vectorsOf(type);
  const [from, to, columns, row, column, address] = [0, 1, 2, 3, 4, 5];
  const oneColumn = [
    ...[...get(from), ...set(address)],
    ...[0, 1, 2, 3].flatMap((index) => [
      ...[...get(to), ...get(address), ...loadScalar, ...storeScalar(index * bytes)],
      ...advance(address, get(row)),
    ]),
    ...advance(from, constant(bytes)),
    ...advance(to, get(column)),
  ];
  return {
    name: 'transposeFourRows',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
    locals: ['i32'],
    body: repeat(columns, oneColumn),
  };
}

/** g ← clip(scale · g), m += g², w -= rate g / √(m + ε), g ← 0, vector by vector. */
function adagrad(type: NumberType): AssembledFunction {
  const { scalar, splat, squareRoot, add, subtract, multiply, divide, minimum, maximum } = vectorsOf(type);
  const [values, gradients, memory, vectors, rate, scale, limit, epsilon] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [rates, scales, highest, lowest, epsilons, gradient, squares] = [8, 9, 10, 11, 12, 13, 14];
  const spread = (from: number, to: number) => [...get(from), ...splat, ...set(to)];
  const oneVector = [
    ...[...get(gradients), ...loadVector(0), ...get(scales), ...multiply],
    ...[...get(highest), ...minimum, ...get(lowest), ...maximum, ...set(gradient)],
    ...[...get(memory), ...loadVector(0), ...get(gradient), ...get(gradient), ...multiply, ...add, ...set(squares)],
    ...[...get(memory), ...get(squares), ...storeVector(0)],
    ...[...get(values), ...get(values), ...loadVector(0), ...get(rates), ...get(gradient), ...multiply],
    ...[...get(squares), ...get(epsilons), ...add, ...squareRoot, ...divide, ...subtract, ...storeVector(0)],
    ...[...get(gradients), ...zeroVector, ...storeVector(0)],
    ...[values, gradients, memory].flatMap((address) => advance(address, constant(VECTOR_BYTES))),
  ];
  return {
    name: 'adagrad',
    parameters: ['i32', 'i32', 'i32', 'i32', scalar, scalar, scalar, scalar],
    locals: Array.from({ length: 7 }, () => 'v128' as const),
    body: [
      ...[...spread(rate, rates), ...spread(scale, scales), ...spread(limit, highest), ...spread(epsilon, epsilons)],
      ...[...zeroVector, ...get(highest), ...subtract, ...set(lowest)],
      ...repeat(vectors, oneVector),
    ],
  };
}
