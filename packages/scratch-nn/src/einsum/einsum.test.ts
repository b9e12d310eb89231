import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { PYTHON_TIMEOUT_IN_MS, hasPython, python } from '@motley/python-tools';
import { RandomNumbers, largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { NdArray } from '../array.ts';
import { einsum, einsumGradients } from './einsum.ts';
import { parseExpression } from './expression.ts';
import { planContractions } from './plan.ts';
import { type EinsumCase, randomCase, randomProduct } from './testing/expressions.ts';

const random = RandomNumbers.fromSeed(1);
const normal = (shape: number[], dataType: 'float32' | 'float64' = 'float64') =>
  NdArray.from(random.normalValues(shape.reduce((a, b) => a * b, 1)), shape, dataType);

/** Compares with NumPy's results and refusals. @returns how many expressions NumPy refused */
function compareWithNumpy(cases: readonly EinsumCase[]): number {
  const input = cases.map(({ expression, operands }) => ({
    expression,
    operands: operands.map(({ shape, values }) => ({ shape, values: [...values] })),
  }));
  const output = execFileSync(python(), [join(import.meta.dirname, 'reference.py')], {
    input: JSON.stringify(input),
    maxBuffer: 2 ** 28,
  });
  const expected = JSON.parse(output.toString()) as { error?: string; shape: number[]; values: number[] }[];
  let refused = 0;
  for (const [index, { expression, operands }] of cases.entries()) {
    const { error, shape, values } = expected[index]!;
    const description = `${expression} ${operands.map((each) => `[${each.shape}]`).join(' ')}`;
    if (error !== undefined) {
      refused++;
      expect(() => einsum(expression, ...operands), `${description}: ${error}`).toThrow(RangeError);
      continue;
    }
    const found = einsum(expression, ...operands);
    expect(found.shape, description).toEqual(shape);
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const wrong = values.findIndex((value, position) => !(Math.abs(found.values[position]! - value) <= 1e-12 * scale));
    if (wrong >= 0) expect.fail(`${description}: expected ${values[wrong]!} at ${wrong}, got ${found.values[wrong]!}`);
  }
  return refused;
}

describe.skipIf(!hasPython)('einsum and numpy.einsum (needs python3)', { timeout: PYTHON_TIMEOUT_IN_MS }, () => {
  it('agree on 4,000 expressions, including invalid ones', () => {
    const stream = RandomNumbers.fromSeed(7);
    const refused = compareWithNumpy(Array.from({ length: 4000 }, () => randomCase(stream)));
    expect(refused).toBeGreaterThan(10);
    expect(refused).toBeLessThan(400);
  });

  it('agree on 200 expressions that are large enough for the matrix kernel', () => {
    const stream = RandomNumbers.fromSeed(8);
    expect(compareWithNumpy(Array.from({ length: 200 }, () => randomProduct(stream)))).toBe(0);
  });
});

describe('the matrix kernel', () => {
  it.each(['float32', 'float64'] as const)('equals a plain loop in %s for transposed operands', (dataType) => {
    for (const [m, k, n] of [
      [5, 300, 9],
      [131, 17, 20],
      [33, 600, 530],
    ] as const) {
      const [a, b] = [normal([k, m], dataType), normal([n, k], dataType)];
      const found = einsum('km,nk->nm', a, b);
      let worst = 0;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let step = 0; step < k; step++) sum += a.values[step * m + i]! * b.values[j * k + step]!;
          worst = Math.max(worst, Math.abs(sum - found.values[j * m + i]!));
        }
      expect(worst).toBeLessThan(dataType === 'float32' ? 2e-4 : 1e-12);
    }
  });

  it('splits products that are too large for its memory', () => {
    // Depth, rows and columns are split, and the result's rows are not contiguous.
    const [a, b] = [normal([3000, 1600], 'float32'), normal([9, 3000], 'float32')];
    const found = einsum('ki,jk->ij', a, b);
    for (const [i, j] of [
      [0, 0],
      [799, 4],
      [800, 5],
      [1599, 8],
    ] as const) {
      let sum = 0;
      for (let k = 0; k < 3000; k++) sum += a.values[k * 1600 + i]! * b.values[j * 3000 + k]!;
      expect(found.values[i * 9 + j]).toBeCloseTo(sum, 2);
    }
    const wide = normal([1600, 6000], 'float32');
    const sums = einsum('ki->i', wide);
    let sum = 0;
    for (let k = 0; k < 1600; k++) sum += wide.values[k * 6000 + 4321]!;
    expect(sums.values[4321]).toBeCloseTo(sum, 2);
  });

  it('copies a sparse view', () => {
    const wide = normal([40, 50, 30]);
    const column = wide.view([40, 50], [1500, 30], 7);
    const b = normal([50, 8]);
    const found = einsum('ij,jk->ik', column, b);
    let sum = 0;
    for (let j = 0; j < 50; j++) sum += wide.values[(11 * 50 + j) * 30 + 7]! * b.values[j * 8 + 3]!;
    expect(found.values[11 * 8 + 3]).toBeCloseTo(sum, 12);
  });

  it('multiplies batches, and views with negative strides', () => {
    const a = normal([3, 10, 12]);
    const b = normal([12, 11, 3]);
    const backwards = b.view([12, 11, 3], [-33, 3, 1], 11 * 33);
    const found = einsum('bik,kjb->bij', a, backwards);
    const [batch, i, j] = [2, 7, 5];
    let sum = 0;
    for (let k = 0; k < 12; k++)
      sum += a.values[(batch * 10 + i) * 12 + k]! * b.values[((11 - k) * 11 + j) * 3 + batch]!;
    expect(found.values[(batch * 10 + i) * 11 + j]).toBeCloseTo(sum, 12);
  });
});

describe('gradients', () => {
  it('equal finite differences on 400 expressions', () => {
    const stream = RandomNumbers.fromSeed(3);
    let checked = 0;
    while (checked < 400) {
      const { expression, operands } = randomCase(stream);
      let output: NdArray;
      try {
        output = einsum(expression, ...operands);
      } catch {
        continue;
      }
      checked++;
      const weights = NdArray.from(stream.normalValues(output.size), output.shape, 'float64');
      const objective = () => {
        const values = [...einsum(expression, ...operands).values];
        return values.reduce((sum, value, index) => sum + value * weights.values[index]!, 0);
      };
      const gradients = einsumGradients(expression, operands, weights);
      for (const [index, operand] of operands.entries()) {
        expect(gradients[index]!.shape).toEqual(operand.shape);
        const position = stream.integers(1, 0, operand.size)[0]!;
        const value = operand.values[position]!;
        operand.values[position] = value + 1;
        const above = objective();
        operand.values[position] = value - 1;
        const below = objective();
        operand.values[position] = value;
        const expected = (above - below) / 2; // exact: an einsum is linear in each operand
        const found = gradients[index]!.values[position]!;
        if (!(Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected))))
          expect.fail(`${expression}, operand ${index}: expected ${expected}, got ${found}`);
      }
    }
  });

  it('are computed only where wanted', () => {
    const [a, b] = [normal([2, 3]), normal([3, 4])];
    const [left, right] = einsumGradients('ij,jk->ik', [a, b], normal([2, 4]), [1]);
    expect(left).toBeUndefined();
    expect(right!.shape).toEqual([3, 4]);
  });
});

describe('plans', () => {
  const plan = (expression: string, ...shapes: number[][]) => planContractions(parseExpression(expression, shapes));

  it('take the cheapest order', () => {
    const { contractions } = plan('ij,jk,kl->il', [2, 100], [100, 100], [100, 3]);
    expect(contractions.map(({ operands }) => operands.toSorted())).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(contractions[0]!.labels.toSorted()).toEqual(['i', 'k']);
  });

  it('make no array larger than the result or the largest operand', () => {
    const sizeOf = (labels: readonly string[], sizes: ReadonlyMap<string, number>) =>
      labels.reduce((product, label) => product * sizes.get(label)!, 1);
    const stream = RandomNumbers.fromSeed(5);
    for (let index = 0; index < 500; index++) {
      const { expression, operands } = randomCase(stream);
      let made;
      try {
        made = plan(expression, ...operands.map(({ shape }) => [...shape]));
      } catch {
        continue;
      }
      const { sizes, output } = made;
      const limit = Math.max(
        sizeOf(output, sizes),
        largest(made.operands.map((labels) => sizeOf([...new Set(labels)], sizes))),
      );
      for (const { labels } of made.contractions) expect(sizeOf(labels, sizes)).toBeLessThanOrEqual(limit);
    }
    expect(plan('ai,bi,ci->abc', [2, 50], [2, 50], [2, 50]).contractions).toHaveLength(1);
  });
});

it.each([
  ['ij,jk->ik', [[2, 3]], 'expected 2 operands, got 1'],
  ['ij->ij->ij', [[2, 3]], 'expected at most one "->"'],
  ['i1->i', [[2, 3]], 'expected letters, "," and one "..." a term, got "1" in "i1"'],
  ['ijk->ik', [[2, 3]], 'expected 3 axes of operand 0 for "ijk", got 2'],
  [
    'ij,jk->ik',
    [
      [2, 3],
      [4, 5],
    ],
    'expected 3 along axis 0 of operand 1 ("j"), got 4',
  ],
  ['ii->i', [[2, 1]], 'expected 2 along axis 1 of operand 0 ("i" again), got 1'],
  ['ij->ii', [[2, 3]], 'expected "i" once in the output'],
  ['ij->k', [[2, 3]], 'expected "k" of the output in an operand'],
])('refuses %s of %j', (expression, shapes, message) => {
  expect(() => einsum(expression, ...shapes.map((shape) => normal([...shape])))).toThrow(
    new RangeError(`einsum "${expression}": ${message}`),
  );
});
