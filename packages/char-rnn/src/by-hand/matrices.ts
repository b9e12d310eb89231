import { type NumberType, vectorsOf, webAssembly } from '@motley/webassembly';
import { createKernels, tileColumnsOf, type Kernels, type StripName } from './kernels/kernels.ts';

export type { NumberType } from '@motley/webassembly';

/** Numbers of a matrix. */
export type Values = Float32Array | Float64Array;

const PAGE_BYTES = 65_536;
const ADAGRAD_EPSILON = 1e-8;

/** A row-major matrix in a `MatrixMemory`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Index of its first number in the memory. */
  readonly start: number;
}

/** A view of some rows of a matrix. */
export function slice({ columns, start }: Matrix, from: number, rows: number): Matrix {
  return { rows, columns, start: start + from * columns };
}

/**
 * Matrices in one typed array, and their operations. Products and Adagrad's update are WebAssembly SIMD kernels
 * (kernels/) on the same memory; JavaScript loops are five times slower.
 */
export class MatrixMemory {
  readonly #type: NumberType;
  readonly #memory = new webAssembly.Memory({ initial: 1 });
  readonly #bytes: number;
  readonly #lanes: number;
  readonly #kernels: Kernels;
  readonly #tiles: ReturnType<typeof tileColumnsOf>;
  #values: Values;
  #used = 0;

  constructor(type: NumberType) {
    const { bytes, lanes } = vectorsOf(type);
    this.#type = type;
    this.#bytes = bytes;
    this.#lanes = lanes;
    this.#kernels = createKernels(type, this.#memory);
    this.#tiles = tileColumnsOf(type);
    this.#values = this.#view();
  }

  /** A new matrix of zeros. The memory may move, which invalidates earlier results of `valuesOf`. */
  allocate(rows: number, columns: number): Matrix {
    const start = this.#used;
    this.#used += this.#vectorsIn(rows, columns) * this.#lanes;
    const missing = this.#used * this.#bytes - this.#memory.buffer.byteLength;
    if (missing > 0) {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
      this.#values = this.#view();
    }
    return { rows, columns, start };
  }

  #view(): Values {
    const { buffer } = this.#memory;
    return this.#type === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer);
  }

  /** SIMD vectors that hold a matrix. The last may be partly unused. */
  #vectorsIn(rows: number, columns: number): number {
    return Math.ceil((rows * columns) / this.#lanes);
  }

  /** The numbers of a matrix, not copied. */
  valuesOf({ start, rows, columns }: Matrix): Values {
    return this.#values.subarray(start, start + rows * columns);
  }

  /** product [M, N] += left [M, K] right [K, N]. */
  addProduct(product: Matrix, left: Matrix, right: Matrix): void {
    this.#add(product, left.start, left.columns, 1, right);
  }

  /** product [M, N] += leftᵀ right, of left [K, M] and right [K, N]. */
  addTransposedProduct(product: Matrix, left: Matrix, right: Matrix): void {
    this.#add(product, left.start, 1, left.columns, right);
  }

  /** The left matrix is given by its start and its distances between rows and between columns. */
  #add(product: Matrix, left: number, leftRow: number, leftColumn: number, right: Matrix): void {
    const { rows, columns } = product;
    const rowsInFours = rows - (rows % 4);
    const columnsInFours = columns - (columns % this.#tiles.fourRows);
    for (let row = 0; row < rows; row++) {
      const leftAt = left + row * leftRow;
      let column = columnsInFours;
      if (row >= rowsInFours) column = this.#addStrip('wideRow', product, row, 0, leftAt, leftRow, leftColumn, right);
      else if (row % 4 === 0) this.#addStrip('fourRows', product, row, 0, leftAt, leftRow, leftColumn, right);
      column = this.#addStrip('narrowRow', product, row, column, leftAt, leftRow, leftColumn, right);
      for (; column < columns; column++) {
        let sum = 0;
        for (let step = 0; step < right.rows; step++)
          sum += this.#values[leftAt + step * leftColumn]! * this.#values[right.start + step * columns + column]!;
        this.#values[product.start + row * columns + column]! += sum;
      }
    }
  }

  /** Adds the whole tiles of one row or four, from a column on. @returns the column after them */
  #addStrip(
    name: StripName,
    { columns, start }: Matrix,
    row: number,
    column: number,
    left: number,
    leftRow: number,
    leftColumn: number,
    right: Matrix,
  ): number {
    const bytes = this.#bytes;
    const tiles = Math.floor((columns - column) / this.#tiles[name]);
    if (tiles > 0)
      this.#kernels[name](
        bytes * (start + row * columns + column),
        bytes * left,
        bytes * (right.start + column),
        right.rows,
        tiles,
        bytes * leftRow,
        bytes * leftColumn,
        bytes * columns,
      );
    return column + tiles * this.#tiles[name];
  }

  /** to [N, M] = the transpose of a matrix [M, N]. */
  transpose({ rows, columns, start }: Matrix, to: Matrix): void {
    const bytes = this.#bytes;
    const rowsInFours = rows - (rows % 4);
    for (let row = 0; row < rowsInFours; row += 4)
      this.#kernels.transposeFourRows(
        bytes * (start + row * columns),
        bytes * (to.start + row),
        columns,
        bytes * columns,
        bytes * rows,
      );
    for (let row = rowsInFours; row < rows; row++)
      for (let column = 0; column < columns; column++)
        this.#values[to.start + column * rows + row] = this.#values[start + row * columns + column]!;
  }

  sumOfSquares(matrix: Matrix): number {
    let sum = 0;
    for (const value of this.valuesOf(matrix)) sum += value * value;
    return sum;
  }

  clear({ rows, columns, start }: Matrix): void {
    this.#values.fill(0, start, start + rows * columns);
  }

  /** Sets each row of a matrix [M, N] to `row` [1, N]. */
  fillRows({ rows, columns, start }: Matrix, row: Matrix): void {
    for (let index = 0; index < rows; index++)
      this.#values.copyWithin(start + index * columns, row.start, row.start + columns);
  }

  /** sum [1, N] += the sum of the rows of a matrix [M, N]. */
  addRows(sum: Matrix, { rows, columns, start }: Matrix): void {
    const values = this.#values;
    for (let index = 0, at = start; index < rows; index++)
      for (let column = 0; column < columns; column++, at++) values[sum.start + column]! += values[at]!;
  }

  /**
   * Adds row `symbols[i]` of a table [V, H] to row i of a matrix [M, H]: the product of one-hot rows with the table.
   */
  addEmbedding({ columns, start }: Matrix, table: Matrix, symbols: Int32Array): void {
    const values = this.#values;
    for (let row = 0, to = start; row < symbols.length; row++)
      for (let unit = 0, at = table.start + symbols[row]! * columns; unit < columns; unit++, to++, at++)
        values[to]! += values[at]!;
  }

  /** Gradient of `addEmbedding` by the transposed table [H, V]: adds row i of [M, H] to its column `symbols[i]`. */
  addEmbeddingGradient(weights: Matrix, { columns, start }: Matrix, symbols: Int32Array): void {
    const values = this.#values;
    for (let row = 0, from = start; row < symbols.length; row++)
      for (let unit = 0, to = weights.start + symbols[row]!; unit < columns; unit++, from++, to += weights.columns)
        values[to]! += values[from]!;
  }

  /** h = tanh z = 1 - 2 / (e²ᶻ + 1), in place. */
  tanh({ rows, columns, start }: Matrix): void {
    const values = this.#values;
    const end = start + rows * columns;
    for (let at = start; at < end; at++) values[at] = 1 - 2 / (Math.exp(2 * values[at]!) + 1);
  }

  /** Gradient of h = tanh z: ∂L/∂z = ∂L/∂h (1 - h²), in place. */
  tanhBackward({ rows, columns, start }: Matrix, h: Matrix): void {
    const values = this.#values;
    for (let index = 0, length = rows * columns; index < length; index++) {
      const value = values[h.start + index]!;
      values[start + index]! *= 1 - value * value;
    }
  }

  /**
   * Adagrad's step (Duchi et al., 2011) for weights w, gradient g and sum of squares m of the same shape:
   * g ← clip(scale · g, ±limit), m += g², w -= rate g / √(m + 1e-8), g ← 0.
   */
  adagrad(w: Matrix, g: Matrix, m: Matrix, rate: number, scale: number, limit: number): void {
    const vectors = this.#vectorsIn(w.rows, w.columns);
    const [values, gradients, squareSums] = [w, g, m].map(({ start }) => start * this.#bytes);
    this.#kernels.adagrad(values!, gradients!, squareSums!, vectors, rate, scale, limit, ADAGRAD_EPSILON);
  }
}
