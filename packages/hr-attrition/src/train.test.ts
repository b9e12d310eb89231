import { chooseBackend } from '@motley/core/node';
import { RandomNumbers, stateOfSeed } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { comparisonLines, crossValidate, decodeScores, encodeScores, isConstant, NETWORK } from './cross-validation.ts';
import { loadData, splitData, type LabeledTable } from './data.ts';
import { baselineMetrics, evaluate } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { predict } from './predict.ts';
import { restorePredictor } from './predictor.ts';
import { calibrationLines, explain } from './reports.ts';
import type { Task } from './table/table.ts';
import { train } from './train.ts';

const small = ['model.members=2', 'model.hiddenSizes=[8]', 'model.frequencies=4', 'training.learningRate=0.02'];

describe('training', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('on two inputs is better than the majority, leaks no tensors, and is restored from a checkpoint', async () => {
    const settings = config.resolve({ preset: 'two-inputs', set: [...small, 'training.epochs=20'] });
    const data = await loadData(settings);
    const { training, test } = splitData(data, settings.data);
    const before = tf.memory().numTensors;
    const { model, result } = await train(settings, training, test);
    const { majority, logistic } = baselineMetrics(training, test);
    const found = await evaluate(model, training);
    expect(found.loss).toBeLessThan(0.435);
    expect(found.areaUnderCurve).toBeGreaterThan(0.6);
    expect(result.metrics.test!.loss).toBeLessThan(majority!.loss! + 0.01);
    expect(logistic!.areaUnderCurve).toBeGreaterThan(0.5);
    const predictions = await predict(model, test.table);
    expect(isConstant(predictions, 1)).toBe(false);
    expect(isConstant(Float64Array.of(0.3, 0.7, 0.3, 0.7), 2)).toBe(true);

    const weights = model.stateDict();
    const restored = await restorePredictor(settings, weights);
    expect(await predict(restored, test.table)).toEqual(predictions);
    const lines = await explain(restored, training, test, { row: 3, players: 2 });
    expect(lines).toHaveLength(3);
    await expect(explain(restored, training, test, { row: 147, players: 2 })).rejects.toThrow('below 147, got 147');
    expect(Object.keys(await drawFigures(restored, test))).toEqual([
      'reliability',
      'importance',
      'dependence-1',
      'dependence-2',
    ]);
    tf.dispose(weights);
    model.dispose();
    restored.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['multi-class', 3],
    ['number', 0],
  ] as [Task, number][])(
    'learns %s',
    async (task, classes) => {
      const rows = rowsOf(task, classes);
      const settings = config.resolve({ set: [...small, 'training.epochs=40', 'training.batchSize=50'] });
      const { model } = await train(settings, rows, rows);
      const found = await evaluate(model, rows);
      const { majority } = baselineMetrics(rows, rows);
      expect(found.loss).toBeLessThan(0.6 * majority!.loss!);
      expect(Object.keys(await drawFigures(model, rows))).toContain(
        task === 'number' ? 'predicted-and-actual' : 'confusion',
      );
      model.dispose();
    },
    60_000,
  );
});

/** Rows whose target follows from x and a color. */
function rowsOf(task: Task, classes: number): LabeledTable {
  const random = new RandomNumbers(stateOfSeed(2));
  const x = Float64Array.from(random.normalValues(200));
  const colors = Array.from(random.integers(200, 0, 2), (code) => (code === 0 ? 'red' : 'blue'));
  const score = x.map((value, row) => value + (colors[row] === 'red' ? 1 : -1));
  const values = task === 'number' ? score : score.map((value) => (value < -0.7 ? 0 : value < 0.7 ? 1 : 2));
  return {
    table: {
      rowCount: 200,
      columns: [
        { name: 'x', kind: 'number', values: x },
        { name: 'color', kind: 'category', values: colors },
      ],
    },
    target: { name: 'y', task, classes: Array.from({ length: classes }, (_, index) => String(index)), values },
  };
}

describe('cross-validation', () => {
  it('measures every row once a repeat, by methods that were fitted without it', async () => {
    await chooseBackend('cpu');
    const rows = rowsOf('multi-class', 2);
    const values = rows.target.values.map((value) => Number(value === 2));
    const data: LabeledTable = { ...rows, target: { name: 'y', task: 'binary', classes: ['0', '1'], values } };
    const settings = config.resolve({
      set: [...small, 'training.epochs=3', 'training.batchSize=50', 'data.folds=3', 'crossValidation.repeats=2'],
    });
    const lines: string[] = [];
    const cv = (await crossValidate(settings, data, { print: (line) => lines.push(line) }))!;
    expect(lines).toEqual(['cross-validation: 3 of 6 folds', 'cross-validation: 6 of 6 folds']);
    expect(Object.keys(cv.scores)).toEqual(['majority', 'logistic', 'logisticLogarithms', 'logisticSplines', NETWORK]);
    for (const { loss } of Object.values(cv.scores)) expect(loss).toHaveLength(6);
    const { majority, logistic, [NETWORK]: network } = cv.outOfFold.predictions;
    expect(new Set(majority)).toHaveProperty('size', 2);
    expect(network!.every((value) => value > 0 && value < 1)).toBe(true);
    expect(logistic!.length).toBe(200);
    expect(comparisonLines(cv).join('\n')).toMatch(/logisticSplines +loss -?\d\.\d{4} ± \d\.\d{4}/);
    expect(calibrationLines(cv.outOfFold, values)[1]).toMatch(/^temperature of all out-of-fold predictions: \d/);
    const encoded: unknown = JSON.parse(encodeScores(cv));
    expect(decodeScores(encoded, 'f')).toEqual({ scores: cv.scores, testRatio: cv.testRatio });
    expect(() => decodeScores({}, 'f')).toThrow('f: expected scores');
  });
});
