import { Matrix, solve } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { naturalSpline } from './spline.ts';

const KNOTS = [3, -1, 4, 1, -5, 9, 2];

/** The pieces a + b t + c t² + d t³ from one dense system: values, slopes, curvatures, no curvature at the ends. */
function bruteForce(knots: readonly number[]): (position: number) => number {
  const pieces = knots.length - 1;
  const rows: number[][] = [];
  const values: number[] = [];
  const add = (value: number, ...terms: readonly (readonly [piece: number, coefficients: readonly number[]])[]) => {
    const row = new Array<number>(4 * pieces).fill(0);
    for (const [piece, coefficients] of terms)
      for (const [power, coefficient] of coefficients.entries()) row[4 * piece + power] = coefficient;
    rows.push(row);
    values.push(value);
  };
  for (let piece = 0; piece < pieces; piece++) {
    add(knots[piece]!, [piece, [1, 0, 0, 0]]);
    add(knots[piece + 1]!, [piece, [1, 1, 1, 1]]);
    if (piece === 0) continue;
    add(0, [piece - 1, [0, 1, 2, 3]], [piece, [0, -1, 0, 0]]);
    add(0, [piece - 1, [0, 0, 2, 6]], [piece, [0, 0, -2, 0]]);
  }
  add(0, [0, [0, 0, 2, 0]]);
  add(0, [pieces - 1, [0, 0, 2, 6]]);
  const solution = solve(new Matrix(rows), Matrix.columnVector(values)).to1DArray();
  return (position) => {
    const piece = Math.min(Math.max(Math.floor(position), 0), pieces - 1);
    return [0, 1, 2, 3].reduce((sum, power) => sum + solution[4 * piece + power]! * (position - piece) ** power, 0);
  };
}

describe('naturalSpline', () => {
  it('equals the solution of a dense system of all conditions', () => {
    const expected = bruteForce(KNOTS);
    const spline = naturalSpline(KNOTS);
    for (let position = -0.5; position <= 6.5; position += 0.125)
      expect(spline(position)).toBeCloseTo(expected(position), 10);
    for (const [knot, value] of KNOTS.entries()) expect(spline(knot)).toBeCloseTo(value, 12);
  });

  it('is linear through collinear knots, and through fewer than three', () => {
    expect(naturalSpline([1, 3, 5, 7])(2.3)).toBeCloseTo(5.6, 12);
    expect(naturalSpline([1, 3])(0.25)).toBeCloseTo(1.5, 12);
    expect(naturalSpline([4])(10)).toBe(4);
  });
});
