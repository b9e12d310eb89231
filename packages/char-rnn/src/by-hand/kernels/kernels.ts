import {
  addIntegers,
  advance,
  type Code,
  constant,
  get,
  instantiate,
  type KernelFunction,
  loadVector,
  Locals,
  type NumberType,
  repeat,
  sequence,
  set,
  storeVector,
  VECTOR_BYTES,
  vectorsOf,
  type WebAssemblyMemory,
  zeroVector,
} from '@motley/webassembly';

/**
 * Adds a matrix product to a strip of rows, one tile of columns after another:
 * product[i, j] += Σₖ left[i, k] right[k, j].
 * Addresses and distances are in bytes. Depth and tiles are at least 1.
 *
 * @param leftRow distance between rows of `left`
 * @param leftColumn distance between columns of `left`
 * @param row distance between rows of `right`, and between rows of `product`
 */
type Strip = (
  product: number,
  left: number,
  right: number,
  depth: number,
  tiles: number,
  leftRow: number,
  leftColumn: number,
  row: number,
) => void;

/** Functions of the module for a number type. */
export interface Kernels {
  readonly fourRows: Strip;
  readonly wideRow: Strip;
  readonly narrowRow: Strip;
  /** Writes four rows as columns. `row`: distance between the rows; `column`: distance between the transpose's rows. */
  readonly transposeFourRows: (from: number, to: number, columns: number, row: number, column: number) => void;
  /** Adagrad's step on vectors at these addresses: see `MatrixMemory.adagrad`. */
  readonly adagrad: (
    values: number,
    gradients: number,
    squareSums: number,
    vectors: number,
    learningRate: number,
    scale: number,
    limit: number,
    epsilon: number,
  ) => void;
}

/** Tile sizes. Four rows of two vectors, or a row of eight, fill the sixteen registers; a narrow tile ends a row. */
const STRIPS = {
  fourRows: { rows: 4, vectors: 2 },
  wideRow: { rows: 1, vectors: 8 },
  narrowRow: { rows: 1, vectors: 1 },
} as const;

export type StripName = keyof typeof STRIPS;

/** Columns of each strip's tile. */
export function tileColumnsOf(type: NumberType): Readonly<Record<StripName, number>> {
  const { lanes } = vectorsOf(type);
  return {
    fourRows: STRIPS.fourRows.vectors * lanes,
    wideRow: STRIPS.wideRow.vectors * lanes,
    narrowRow: STRIPS.narrowRow.vectors * lanes,
  };
}

/** Compiles the kernels for a memory. */
export function createKernels(type: NumberType, memory: WebAssemblyMemory): Kernels {
  const strips = Object.entries(STRIPS).map(([name, { rows, vectors }]) => strip(type, name, rows, vectors));
  return instantiate([...strips, transposeFourRows(type), adagrad(type)], memory) as Kernels;
}

/** The sums of a tile stay in registers. */
function strip(type: NumberType, name: string, rows: number, vectors: number): KernelFunction {
  const { loadSplat, multiply, add } = vectorsOf(type);
  const [product, left, right, depth, tiles, leftRow, leftColumn, row] = [0, 1, 2, 3, 4, 5, 6, 7];
  const locals = new Locals(8);
  const integer = () => locals.add('i32');
  const [step, rightAddress, productAddress] = [integer(), integer(), integer()];
  const leftAddresses = Array.from({ length: rows }, integer);
  const vectorLocals = () => Array.from({ length: vectors }, () => locals.add('v128'));
  const sums = Array.from({ length: rows }, vectorLocals);
  const rightVectors = vectorLocals();
  const leftSplat = locals.add('v128');

  const loadRight = (at: number) => loadVector(get(rightAddress), at * VECTOR_BYTES);
  // A single row uses each vector of the right matrix once: it needs no register.
  const isReused = rows > 1;
  const addProducts = (leftAddress: number, index: number): Code[] => [
    set(leftSplat, loadSplat(get(leftAddress))),
    ...sums[index]!.map((sum, at) => {
      const rightVector = isReused ? get(rightVectors[at]!) : loadRight(at);
      return set(sum, add(get(sum), multiply(get(leftSplat), rightVector)));
    }),
    advance(leftAddress, get(leftColumn)),
  ];
  const oneStep = sequence(
    ...(isReused ? rightVectors.map((local, at) => set(local, loadRight(at))) : []),
    ...leftAddresses.flatMap(addProducts),
    advance(rightAddress, get(row)),
  );
  const startRow = (leftAddress: number, index: number): Code[] => [
    set(leftAddress, index === 0 ? get(left) : addIntegers(get(leftAddresses[index - 1]!), get(leftRow))),
    ...sums[index]!.map((sum) => set(sum, zeroVector)),
  ];
  const storeRow = (rowSums: readonly number[]): Code[] => [
    ...rowSums.map((sum, at) => {
      const offset = at * VECTOR_BYTES;
      return storeVector(get(productAddress), add(loadVector(get(productAddress), offset), get(sum)), offset);
    }),
    advance(productAddress, get(row)),
  ];
  const oneTile = sequence(
    ...leftAddresses.flatMap(startRow),
    set(rightAddress, get(right)),
    set(step, get(depth)),
    repeat(step, oneStep),
    set(productAddress, get(product)),
    ...sums.flatMap(storeRow),
    advance(right, constant(vectors * VECTOR_BYTES)),
    advance(product, constant(vectors * VECTOR_BYTES)),
  );
  return {
    name,
    parameters: Array.from({ length: 8 }, () => 'i32' as const),
    locals: locals.types,
    body: repeat(tiles, oneTile),
  };
}

function transposeFourRows(type: NumberType): KernelFunction {
  const { bytes, loadScalar, storeScalar } = vectorsOf(type);
  const [from, to, columns, row, column, address] = [0, 1, 2, 3, 4, 5];
  const copyOne = (index: number): Code[] => [
    storeScalar(get(to), loadScalar(get(address)), index * bytes),
    advance(address, get(row)),
  ];
  return {
    name: 'transposeFourRows',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
    locals: ['i32'],
    body: repeat(
      columns,
      set(address, get(from)),
      ...[0, 1, 2, 3].flatMap(copyOne),
      advance(from, constant(bytes)),
      advance(to, get(column)),
    ),
  };
}

/** g ← clip(scale · g), m += g², w -= rate g / √(m + ε), g ← 0, vector by vector. */
function adagrad(type: NumberType): KernelFunction {
  const { scalar, splat, squareRoot, add, subtract, multiply, divide, minimum, maximum } = vectorsOf(type);
  const [values, gradients, squareSums, vectors, rate, scale, limit, epsilon] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [rates, scales, highest, lowest, epsilons, gradient, squares] = [8, 9, 10, 11, 12, 13, 14];
  const scaled = multiply(loadVector(get(gradients)), get(scales));
  const change = divide(multiply(get(rates), get(gradient)), squareRoot(add(get(squares), get(epsilons))));
  return {
    name: 'adagrad',
    parameters: ['i32', 'i32', 'i32', 'i32', scalar, scalar, scalar, scalar],
    locals: Array.from({ length: 7 }, () => 'v128' as const),
    body: sequence(
      set(rates, splat(get(rate))),
      set(scales, splat(get(scale))),
      set(highest, splat(get(limit))),
      set(epsilons, splat(get(epsilon))),
      set(lowest, subtract(zeroVector, get(highest))),
      repeat(
        vectors,
        set(gradient, maximum(minimum(scaled, get(highest)), get(lowest))),
        set(squares, add(loadVector(get(squareSums)), multiply(get(gradient), get(gradient)))),
        storeVector(get(squareSums), get(squares)),
        storeVector(get(values), subtract(loadVector(get(values)), change)),
        storeVector(get(gradients), zeroVector),
        ...[values, gradients, squareSums].map((address) => advance(address, constant(VECTOR_BYTES))),
      ),
    ),
  };
}
