import { describe, expect, it } from 'vitest';
import { minimize } from './lbfgs.ts';
import reference from './tf-idf.reference.json' with { type: 'json' };
import { fitTfIdf } from './tf-idf.ts';

/** Texts by a formula, as in `tf-idf.reference.py`. */
function texts(count: number, offset: number) {
  const symbols = new Int32Array(count * 6);
  for (let row = 0; row < count; row++)
    for (let place = 0; place < 6 - (row % 3); place++)
      symbols[row * 6 + place] = 2 + (((row + offset) * (place + 3) + place * place) % 11);
  return { symbols, labels: Int32Array.from({ length: count }, (_, row) => (row + offset) % 3) };
}

describe('TF-IDF with logistic regression', () => {
  it.each([1, 2] as const)('has the probabilities of scikit-learn, with n-grams up to %i', (longestGram) => {
    const classifier = fitTfIdf(texts(40, 0), 3, { longestGram, iterations: 500 });
    const found = classifier.predict(texts(10, 40));
    for (const [index, value] of reference[longestGram].entries()) expect(found[index]).toBeCloseTo(value, 4);
  });
});

describe('L-BFGS', () => {
  it('finds the minimum of a quadratic of uneven curvatures', () => {
    const point = Float64Array.of(5, -3, 2);
    minimize(
      (at, gradient) => {
        let value = 0;
        for (const [index, x] of at.entries()) {
          const curvature = 10 ** index;
          value += (curvature * (x - index) ** 2) / 2;
          gradient[index] = curvature * (x - index);
        }
        return value;
      },
      point,
      { iterations: 100, tolerance: 1e-9 },
    );
    for (const [index, x] of point.entries()) expect(x).toBeCloseTo(index, 6);
  });
});
