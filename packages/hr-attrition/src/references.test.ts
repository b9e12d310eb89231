import { describe, expect, it } from 'vitest';
import { fitLinearModel, predictLinear } from './baselines/linear-model.ts';
import { splineBasis, splineValues } from './baselines/splines.ts';
import { explainRow } from './explanation/explain-row.ts';
import { shapleyValues } from './explanation/shapley.ts';
import { metricsOf } from './metrics.ts';
import reference from './scikit-learn-reference.json' with { type: 'json' };
import type { Table } from './table/table.ts';

/** Values sin(0.37 i + seed), as in `scikit_learn_reference.py`. */
const formula = (seed: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, index) => Math.sin(index * 0.37 + seed));

const [ROWS, WIDTH] = [40, 3];
const features = { rowCount: ROWS, width: WIDTH, values: formula(1, ROWS * WIDTH) };

describe('scikit-learn has the same', () => {
  it.each([
    ['binary', reference.binary, 1, 1 / (0.7 * ROWS)],
    ['multi-class', reference.multiClass, 3, 1 / (0.7 * ROWS)],
    // Ridge: Σ (y - ŷ)² + α ‖w‖², here half of it over N.
    ['number', reference.number, 1, 2 / ROWS],
  ] as const)('%s linear model', (task, { labels, coefficients, intercepts }, outputs, penalty) => {
    const model = fitLinearModel(features, labels, { task, outputs, penalty });
    const expected = [...coefficients.flat(), ...intercepts];
    // Intercepts of a softmax have one common value too many.
    const shift = task === 'multi-class' ? meanOf([...model.coefficients].slice(-outputs)) - meanOf(intercepts) : 0;
    for (const [index, value] of expected.entries()) {
      const isIntercept = index >= outputs * WIDTH;
      expect(model.coefficients[index]! - (isIntercept ? shift : 0)).toBeCloseTo(value, 4);
    }
    const predictions = predictLinear(model, features);
    expect(predictions).toHaveLength(ROWS * outputs);
    if (task === 'multi-class') expect(predictions[0]! + predictions[1]! + predictions[2]!).toBeCloseTo(1, 12);
  });

  it('splines', () => {
    const basis = splineBasis(formula(9, 50), 5)!;
    for (const [index, value] of [-2, -0.5, 0.1, 0.77, 3].entries()) {
      const found = splineValues(basis, value);
      expect(found.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
      for (const [place, expected] of reference.splines[index]!.entries())
        expect(found[place]).toBeCloseTo(expected, 10);
    }
    expect(splineBasis(Float64Array.of(1, 1, NaN), 5)).toBeUndefined();
  });

  it('metrics, with ties', () => {
    const { scores, ...expected } = reference.metrics;
    const values = Float64Array.from(reference.binary.labels);
    const found = metricsOf(scores, { task: 'binary', classes: ['no', 'yes'], values });
    for (const [name, value] of Object.entries(expected)) expect(found[name]).toBeCloseTo(value, 10);
  });
});

describe('Shapley values', () => {
  const names = ['a', 'b', 'c', 'd'];
  const tableOf = (values: Float64Array): Table => ({
    rowCount: values.length / 4,
    columns: names.map((name, place) => ({
      name,
      kind: 'number',
      values: values.filter((_, index) => index % 4 === place),
    })),
  });
  const game = ({ rowCount, columns }: Table): Promise<Float64Array> => {
    const [a, b, c, d] = columns.map(({ values }) => values as Float64Array);
    return Promise.resolve(
      Float64Array.from({ length: rowCount }, (_, row) => {
        const [x, y, z, w] = [a![row]!, b![row]!, c![row]!, d![row]!];
        return 1 / (1 + Math.exp(-(x * y + Math.sin(2 * z) - w + 0.5 * x * z * w)));
      }),
    );
  };

  it("are shap's exact ones, and sum to the prediction", async () => {
    const background = tableOf(formula(6, 28));
    const rows = formula(8, 12);
    for (const [row, expected] of reference.shapley.entries()) {
      const own = tableOf(rows.slice(4 * row, 4 * row + 4));
      const found = await explainRow(
        game,
        own,
        background,
        names.map((name) => [name]),
      );
      for (const [place, value] of expected.entries()) expect(found.contributions[place]).toBeCloseTo(value, 10);
      const total = found.contributions.reduce((sum, each) => sum + each, found.base);
      expect(total).toBeCloseTo(found.prediction, 12);
      expect(found.prediction).toBeCloseTo((await game(own))[0]!, 12);
    }
  });

  it('share a product equally, and refuse what are no coalitions', () => {
    expect([...shapleyValues([0, 0, 0, 6])]).toEqual([3, 3]);
    expect(() => shapleyValues([1, 2, 3])).toThrow('expected 2 to 2^16 coalitions, got 3');
  });
});

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
