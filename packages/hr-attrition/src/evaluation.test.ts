import { RandomNumbers, stateOfSeed } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { decisionLines, groupLines } from './evaluate.ts';
import {
  calibrationError,
  crossFittedTemperature,
  fitTemperature,
  reliabilityBins,
  withTemperature,
} from './evaluation/calibration.ts';
import { correctedDifference } from './evaluation/corrected-difference.ts';
import { decide, thresholdOf } from './evaluation/decision.ts';
import { figuresByGroup } from './evaluation/groups.ts';
import { groupColumns } from './explanation/column-groups.ts';
import { partialDependence } from './explanation/partial-dependence.ts';
import { permutationImportance } from './explanation/permutation.ts';
import { areaUnderCurve } from './metrics.ts';
import type { Table } from './table/table.ts';

const random = new RandomNumbers(stateOfSeed(1));
const COUNT = 4000;
/** Labels that are drawn by their probabilities. */
const truth = random.uniformValues(COUNT);
const draws = random.uniformValues(COUNT);
const labels = Float64Array.from(truth, (probability, row) => Number(draws[row]! < probability));

describe('the corrected difference', () => {
  it("has Nadeau and Bengio's standard error", () => {
    // Differences 1, 2, 3: variance 1; (1/3 + 1/9) · 1 = 4/9.
    const found = correctedDifference([2, 4, 6], [1, 2, 3], 1 / 9);
    expect(found.mean).toBe(2);
    expect(found.standardError).toBeCloseTo(2 / 3, 12);
    expect(() => correctedDifference([1, 2], [1], 1)).toThrow('the same folds');
  });
});

describe('calibration', () => {
  it('bins have the observed shares, and an error near zero where probabilities are true', () => {
    const bins = reliabilityBins(truth, labels, 8);
    expect(bins.map(({ rows }) => rows)).toEqual(Array.from({ length: 8 }, () => COUNT / 8));
    const within = bins.filter(({ predicted, interval: [low, high] }) => predicted >= low && predicted <= high);
    expect(within.length).toBeGreaterThanOrEqual(6);
    expect(calibrationError(bins)).toBeLessThan(0.03);
    expect(calibrationError([{ rows: 2, predicted: 0.25, observed: 0.5, interval: [0, 1] }])).toBe(0.25);
  });

  it('finds the temperature that probabilities were divided by', () => {
    const tooSure = withTemperature(truth, 0.5);
    expect(fitTemperature(tooSure, labels)).toBeGreaterThan(1.85);
    expect(fitTemperature(tooSure, labels)).toBeLessThan(2.15);
    expect(withTemperature([0.8, 0, 1], 1)[0]).toBeCloseTo(0.8, 12);
    const folds = Uint8Array.from(labels, (_, row) => row % 4);
    const scaled = crossFittedTemperature(tooSure, labels, folds);
    expect(calibrationError(reliabilityBins(scaled, labels))).toBeLessThan(
      calibrationError(reliabilityBins(tooSure, labels)) / 2,
    );
  });
});

describe('decisions', () => {
  it('act from the threshold of the costs, and cost least there', () => {
    const costs = { falsePositive: 1, falseNegative: 4 };
    expect(thresholdOf(costs)).toBe(0.2);
    expect(decide([0.1, 0.3, 0.3, 0.1], [0, 0, 1, 1], costs)).toEqual({
      threshold: 0.2,
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 1,
      trueNegatives: 1,
      cost: 5 / 4,
    });
    const costAt = (threshold: number): number => decide(truth, labels, costs, threshold).cost;
    expect(costAt(0.2)).toBeLessThan(Math.min(costAt(0.05), costAt(0.5)));
    const [first, second] = decisionLines(Float64Array.from(truth), labels, costs);
    expect(first).toMatch(/^act from a probability of 0.200/);
    expect(second).toContain('never 2.0');
  });
});

describe('groups', () => {
  const column = {
    name: 'color',
    kind: 'category',
    values: Array.from(labels, (_, row) => (row < 10 ? 'rare' : row % 2 === 0 ? 'red' : 'blue')),
  } as const;

  it('have their own figures, with intervals that hold them; small ones are left out', () => {
    const found = figuresByGroup(column, truth, labels);
    expect(found.map(({ name }) => name)).toEqual(['blue', 'red']);
    for (const { areaUnderCurve: area, areaInterval, observed, observedInterval, predicted } of found) {
      expect(area).toBeGreaterThan(areaInterval[0]);
      expect(area).toBeLessThan(areaInterval[1]);
      expect(observed).toBeGreaterThan(observedInterval[0]);
      expect(predicted).toBeCloseTo(0.5, 1);
    }
    const table = { rowCount: COUNT, columns: [column] };
    const target = { name: 'y', task: 'binary', classes: ['a', 'b'], values: labels } as const;
    expect(groupLines({ table, target }, Float64Array.from(truth), ['color', 'other'])).toHaveLength(3);
  });

  it('of numbers are quarters', () => {
    const values = Float64Array.from(labels, (_, row) => row);
    const found = figuresByGroup({ name: 'x', kind: 'number', values }, truth, labels);
    expect(found.map(({ rows }) => rows)).toEqual([1000, 1000, 1000, 1000]);
  });
});

describe('explanations', () => {
  const rows = 300;
  const x = Float64Array.from(random.normalValues(rows));
  const other = Float64Array.from(random.normalValues(rows));
  const table: Table = {
    rowCount: rows,
    columns: [
      { name: 'x', kind: 'number', values: x },
      { name: 'twice', kind: 'number', values: x.map((value) => 2 * value + 0.01 * value ** 3) },
      { name: 'other', kind: 'number', values: other },
      { name: 'sign', kind: 'category', values: Array.from(x, (value) => (value > 0 ? 'up' : 'down')) },
      { name: 'noise', kind: 'number', values: Float64Array.from(random.normalValues(rows)) },
    ],
  };
  const game = ({ rowCount, columns }: Table): Promise<Float64Array> => {
    const [first, second, third] = columns.map(({ values }) => values as Float64Array);
    return Promise.resolve(
      Float64Array.from({ length: rowCount }, (_, row) => first![row]! + second![row]! + 0.5 * third![row]!),
    );
  };

  it('group columns that say the same', () => {
    expect(groupColumns(table, 0.6)).toEqual([['x', 'twice', 'sign'], ['other'], ['noise']]);
    expect(groupColumns(table, 0.95)).toEqual([['x', 'twice'], ['other'], ['sign'], ['noise']]);
    expect(groupColumns(table, 0.95, 2)).toHaveLength(2);
  });

  it('find important groups, and none in noise', async () => {
    const target = { name: 'y', task: 'number', classes: [], values: await game(table) } as const;
    const found = await permutationImportance(game, { table, target }, [['noise'], ['other'], ['x', 'twice']], {
      shuffles: 5,
      seed: 0,
    });
    expect(found.map(({ columns }) => columns[0])).toEqual(['x', 'other', 'noise']);
    expect(found[2]!.rise).toBe(0);
    expect(found[1]!.rise).toBeCloseTo(0.5, 0.3);
    expect(found[0]!.deviation).toBeGreaterThan(0);
  });

  it('follow a column by itself, for every row', async () => {
    const { grid, mean, individual } = await partialDependence(game, table, 'other');
    expect(individual).toHaveLength(rows);
    const [first, last] = [0, grid.length - 1];
    expect(mean[last]! - mean[first]!).toBeCloseTo(0.5 * (grid[last]! - grid[first]!), 10);
    for (const curve of individual.slice(0, 5))
      expect(curve[last]! - curve[first]!).toBeCloseTo(mean[last]! - mean[first]!, 10);
    const ofSign = await partialDependence(game, table, 'sign');
    expect(ofSign.labels).toEqual(['down', 'up']);
    expect(areaUnderCurve([1, 1], [0, 1])).toBe(0.5);
  });
});
