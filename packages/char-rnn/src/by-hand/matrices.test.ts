import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { MatrixMemory, slice, type Matrix, type NumberType } from './matrices.ts';

const random = RandomNumbers.fromSeed(3);

/** A matrix of normal numbers, also as a list of rows. */
function filled(memory: MatrixMemory, rows: number, columns: number): [Matrix, number[][]] {
  const matrix = memory.allocate(rows, columns);
  memory.valuesOf(matrix).set(random.normalValues(rows * columns));
  return [matrix, rowsOf(memory, matrix)];
}

function rowsOf(memory: MatrixMemory, matrix: Matrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, row) => [...memory.valuesOf(slice(matrix, row, 1))]);
}

const shapes = [
  [1, 1, 1],
  [1, 32, 7],
  [1, 100, 100],
  [4, 8, 3],
  [3, 5, 4],
  [7, 65, 25],
  [25, 37, 2],
  [9, 103, 11],
] as const;

describe.each([
  ['float32', 1e-5],
  ['float64', 1e-13],
] as const)('%s', (type: NumberType, tolerance) => {
  const expectClose = (actual: number[][], expected: number[][]) => {
    for (const [row, values] of expected.entries())
      for (const [column, value] of values.entries())
        expect(Math.abs(actual[row]![column]! - value)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(value)));
  };

  it.each(shapes)('adds products [%i, %i] over %i, and leaves the rows beside them', (M, N, K) => {
    const memory = new MatrixMemory(type);
    const [left, l] = filled(memory, M, K);
    const [right, r] = filled(memory, K, N);
    const [product, before] = filled(memory, M + 2, N);
    memory.addProduct(slice(product, 1, M), left, right);
    const expected = before.map((row, i) =>
      i === 0 || i > M ? row : row.map((value, j) => l[i - 1]!.reduce((sum, x, k) => sum + x * r[k]![j]!, value)),
    );
    expectClose(rowsOf(memory, product), expected);
    expect(rowsOf(memory, product)[0]).toEqual(before[0]);
    expect(rowsOf(memory, product)[M + 1]).toEqual(before[M + 1]);
  });

  it.each(shapes)('adds products of transposes [%i, %i] over %i', (M, N, K) => {
    const memory = new MatrixMemory(type);
    const [left, l] = filled(memory, K, M);
    const [right, r] = filled(memory, K, N);
    const product = memory.allocate(M, N);
    memory.addTransposedProduct(product, left, right);
    const expected = rowsOf(memory, product).map((row, i) =>
      row.map((_, j) => l.reduce((sum, x, k) => sum + x[i]! * r[k]![j]!, 0)),
    );
    expectClose(rowsOf(memory, product), expected);
  });

  it.each([
    [1, 1],
    [4, 3],
    [7, 66],
    [65, 100],
  ])('transposes [%i, %i]', (M, N) => {
    const memory = new MatrixMemory(type);
    const [matrix, rows] = filled(memory, M, N);
    const transposed = memory.allocate(N, M);
    memory.transpose(matrix, transposed);
    expect(rowsOf(memory, transposed)).toEqual(Array.from({ length: N }, (_, j) => rows.map((row) => row[j])));
  });

  it("takes Adagrad's step with a scaled and clipped gradient, and zeros it", () => {
    const memory = new MatrixMemory(type);
    const [value, [w]] = filled(memory, 1, 7);
    const g = [-3, -0.4, 0, 0.3, 0.75, 0.8, 2];
    const gradient = memory.allocate(1, 7);
    memory.valuesOf(gradient).set(g);
    const [squares] = filled(memory, 1, 7);
    const [beside, untouched] = filled(memory, 1, 4);
    memory.valuesOf(squares).fill(0.25);
    memory.adagrad(value, gradient, squares, 0.1, 2, 1.5);
    const cut = g.map((each) => Math.min(Math.max(2 * each, -1.5), 1.5));
    const sums = cut.map((each) => 0.25 + each ** 2);
    expectClose(rowsOf(memory, squares), [sums]);
    expectClose(rowsOf(memory, value), [w!.map((each, i) => each - (0.1 * cut[i]!) / Math.sqrt(sums[i]! + 1e-8))]);
    expect(rowsOf(memory, gradient)).toEqual([new Array<number>(7).fill(0)]);
    expect(rowsOf(memory, beside)).toEqual(untouched);
  });

  it('computes tanh over its whole range, and its gradient', () => {
    const memory = new MatrixMemory(type);
    const points = [-800, -20, -3, -0.5, -1e-3, 0, 1e-3, 0.5, 3, 20, 800];
    const h = memory.allocate(1, points.length);
    memory.valuesOf(h).set(points);
    memory.tanh(h);
    expectClose(rowsOf(memory, h), [points.map(Math.tanh)]);
    const gradient = memory.allocate(1, points.length);
    memory.valuesOf(gradient).fill(2);
    memory.tanhBackward(gradient, h);
    expectClose(rowsOf(memory, gradient), [points.map((x) => 2 * (1 - Math.tanh(x) ** 2))]);
  });
});
