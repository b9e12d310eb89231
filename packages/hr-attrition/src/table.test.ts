import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { loadData, splitData } from './data.ts';
import { divide, stratifiedFolds } from './folds.ts';
import { inferColumns, parseTable, parseTarget, type TextColumns } from './table/columns.ts';
import { TableEncoder } from './table/encoder.ts';
import { rowFromTexts } from './table/rows-from-texts.ts';
import { permuteColumns, selectRows } from './table/table.ts';

const texts = (columns: Record<string, readonly string[]>): TextColumns => ({
  path: 'my.csv',
  rowCount: Object.values(columns)[0]!.length,
  columns: new Map(Object.entries(columns)),
  hasDecimalCommas: false,
});
const choices = { target: 'y', inputs: [], ignored: [], categories: [] };
const targetChoices = { target: 'y', task: 'auto', positive: '' } as const;
const options = { logarithms: true, scaling: 'robust', ordinalsAsNumbers: true } as const;

describe('the HR table', () => {
  it('has its 30 inputs, levels as numbers, and 237 who left', async () => {
    const { table, target, notes } = await loadData(config.resolve());
    expect([table.rowCount, table.columns.length, notes]).toEqual([1470, 30, []]);
    expect(target).toMatchObject({ task: 'binary', classes: ['No', 'Yes'] });
    expect(target.values.reduce((sum, value) => sum + value, 0)).toBe(237);
    const education = table.columns.find(({ name }) => name === 'Education')!;
    expect([...education.values].slice(0, 3)).toEqual([2, 1, 2]);
    expect(table.columns.filter(({ kind }) => kind === 'category').map(({ name }) => name)).toEqual([
      'BusinessTravel',
      'Department',
      'EducationField',
      'Gender',
      'JobRole',
      'MaritalStatus',
      'OverTime',
    ]);
    const { training, test } = splitData({ table, target }, config.resolve().data);
    expect([training.table.rowCount, test.table.rowCount]).toEqual([1323, 147]);
    expect([23, 24]).toContain(test.target.values.reduce((sum, value) => sum + value, 0));
  });
});

describe('folds', () => {
  const target = {
    name: 'y',
    task: 'binary',
    classes: ['a', 'b'],
    values: Float64Array.from({ length: 53 }, (_, row) => Number(row % 5 === 0)),
  } as const;

  it('are as large as each other and have the same share of every class; each row is in one', () => {
    const folds = stratifiedFolds(target, 5, 3);
    for (let fold = 0; fold < 5; fold++) {
      const { training, test } = divide(folds, fold);
      expect([10, 11]).toContain(test.length);
      expect([2, 3]).toContain(test.reduce((sum, row) => sum + target.values[row]!, 0));
      expect([...training, ...test].sort((a, b) => a - b)).toEqual(Array.from({ length: 53 }, (_, row) => row));
    }
    expect(stratifiedFolds(target, 5, 3)).toEqual(folds);
    expect(stratifiedFolds(target, 5, 4)).not.toEqual(folds);
    expect(() => stratifiedFolds(target, 54, 3)).toThrow('at most as many folds as rows');
  });

  it('have numbers of every size', () => {
    const values = Float64Array.from({ length: 40 }, (_, row) => row);
    const folds = stratifiedFolds({ name: 'y', task: 'number', classes: [], values }, 4, 0);
    for (let fold = 0; fold < 4; fold++) {
      const mean = values.filter((_, row) => folds[row] === fold).reduce((sum, value) => sum + value, 0) / 10;
      expect(Math.abs(mean - 19.5)).toBeLessThan(2);
    }
  });
});

describe('columns', () => {
  it('have types; constants, row numbers and free text are left out', () => {
    const many = Array.from({ length: 120 }, (_, row) => `text ${row}`);
    const table = texts({
      id: many.map((_, row) => String(row + 1)),
      same: many.map(() => '80'),
      note: many,
      size: many.map((_, row) => ['Small', 'large', 'Medium', ''][row % 4]!),
      amount: many.map((_, row) => (row === 3 ? 'NA' : String((row * 7) % 13))),
      color: many.map((_, row) => (row % 3 === 0 ? 'red' : 'blue')),
      y: many.map((_, row) => (row % 6 === 0 ? 'true' : 'false')),
    });
    const { schema, notes } = inferColumns(table, choices);
    expect(schema).toEqual([
      { name: 'size', kind: 'number', levels: ['Small', 'Medium', 'Large'] },
      { name: 'amount', kind: 'number' },
      { name: 'color', kind: 'category' },
    ]);
    expect(notes.map((note) => note.replace(/.*left out: /, ''))).toEqual([
      'its numbers count the rows',
      'all rows have the same value',
      '120 different texts are no categories',
    ]);
    const parsed = parseTable(table, schema);
    expect([...parsed.columns[0]!.values].slice(0, 4)).toEqual([1, 3, 2, NaN]);
    expect(parsed.columns[1]!.values[3]).toBeNaN();
    expect(parseTarget(table, targetChoices)).toMatchObject({ task: 'binary', classes: ['false', 'true'] });
  });

  it('give the task of a target', () => {
    const of = (values: readonly string[], more = {}) =>
      parseTarget(texts({ y: values }), { ...targetChoices, ...more });
    expect(of(['a', 'b', 'b'])).toMatchObject({ task: 'binary', classes: ['b', 'a'] });
    expect(of(['a', 'b', 'b'], { positive: 'b' })).toMatchObject({ classes: ['a', 'b'] });
    expect(of(['10', '9', '1'])).toMatchObject({ task: 'multi-class', classes: ['1', '9', '10'] });
    expect(of(Array.from({ length: 11 }, (_, row) => String(row)))).toMatchObject({ task: 'number', classes: [] });
    expect(() => of(['a', 'a'])).toThrow('expected at least two classes');
    expect(() => of(['a', ''])).toThrow('my.csv: row 3, column "y": expected a value to learn, found none');
    expect(() => of(['1', 'b'], { task: 'number' })).toThrow('my.csv: row 3, column "y": expected a number, found "b"');
    expect(() => of(['a', 'b'], { positive: 'c' })).toThrow('data.positive: expected a class');
    expect(() => inferColumns(texts({ y: ['a'], Age: ['1'] }), { ...choices, inputs: ['age'] })).toThrow('"Age"');
  });

  it('are read from texts, and refused where they do not fit', () => {
    const schema = [
      { name: 'Age', kind: 'number' },
      { name: 'size', kind: 'number', levels: ['Small', 'Medium'] },
      { name: 'color', kind: 'category' },
    ] as const;
    const { columns } = parseTable(rowFromTexts(['Age=41', 'size= small'], schema), schema);
    expect(columns.map(({ values }) => values[0])).toEqual([41, 1, '']);
    for (const bad of ['Age', '=1', 'age=1']) expect(() => rowFromTexts([bad], schema)).toThrow('predict: expected');
    expect(() => rowFromTexts(['Age=1', 'Age=2'], schema)).toThrow('twice');
    const parse = (text: string) => parseTable(rowFromTexts([text], schema), schema);
    expect(() => parse('Age=old')).toThrow('expected a number, found "old"');
    expect(() => parse('size=3')).toThrow('expected one of Small, Medium, found "3"');
  });
});

describe('the encoder', () => {
  const table = {
    rowCount: 6,
    columns: [
      { name: 'x', kind: 'number', values: Float64Array.of(1, 2, 3, 4, 5, NaN) },
      { name: 'c', kind: 'category', values: ['a', 'b', '', 'a', 'b', 'c'] },
    ],
  } as const;

  it('scales by median and quartiles, clips smoothly, and marks what is missing', () => {
    const encoder = TableEncoder.fit(table, options);
    const { numbers, indicators } = encoder.encode(table);
    const clipped = (value: number): number => value / Math.sqrt(1 + (value / 3) ** 2);
    [-1, -0.5, 0, 0.5, 1, 0].forEach((value, row) => {
      expect(numbers[row]).toBeCloseTo(clipped(value), 6);
    });
    // a, b, c, then x is missing, c is missing.
    expect([encoder.numberCount, encoder.indicatorCount]).toEqual([1, 5]);
    expect([...indicators.slice(10, 15)]).toEqual([0, 0, 0, 0, 1]);
    expect([...indicators.slice(25, 30)]).toEqual([0, 0, 1, 1, 0]);
    const restored = TableEncoder.fromJSON(JSON.parse(JSON.stringify(encoder)));
    expect(restored.encode(table)).toEqual(encoder.encode(table));
    expect(() => TableEncoder.fromJSON({})).toThrow('expected the state of an encoder');
  });

  it('is fitted on the given rows alone; other categories are all zeros', () => {
    const encoder = TableEncoder.fit(selectRows(table, [0, 1, 3, 4]), options);
    expect(encoder.indicatorCount).toBe(2);
    const { indicators } = encoder.encode(table);
    expect([...indicators]).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]);
    expect(encoder.unseen(table)).toEqual({ c: ['c'] });
    expect(() => encoder.encode({ rowCount: 1, columns: [] })).toThrow('expected a column "x" (number), found none');
  });

  it('takes logarithms of skewed measures alone', () => {
    const rows = Array.from({ length: 40 }, (_, row) => row);
    const isLogarithm = (of: (row: number) => number): boolean => {
      const values = Float64Array.from(rows, of);
      const encoder = TableEncoder.fit({ rowCount: 40, columns: [{ name: 'x', kind: 'number', values }] }, options);
      return encoder.toJSON().numbers[0]!.isLogarithm;
    };
    expect(isLogarithm((row) => Math.exp(row / 5))).toBe(true);
    expect(isLogarithm((row) => row)).toBe(false);
    expect(isLogarithm((row) => Math.exp(row / 5) - 2)).toBe(false);
    expect(isLogarithm((row) => (row < 30 ? 0 : row - 29 > 3 ? 1 : 2))).toBe(false);
  });

  it('permutes named columns together', () => {
    const permuted = permuteColumns(table, ['c'], [5, 4, 3, 2, 1, 0]);
    expect(permuted.columns[0]).toBe(table.columns[0]);
    expect(permuted.columns[1]!.values).toEqual(['c', 'b', 'a', '', 'b', 'a']);
  });
});

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-hr-attrition-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("of Kaggle's original have numbers for levels, constants and row numbers", async () => {
    const path = join(folder, 'kaggle.csv');
    const rows = Array.from({ length: 30 }, (_, row) =>
      [
        20 + ((row * 3) % 17),
        row % 4 === 0 ? 'Yes' : 'No',
        'Research & Development',
        1 + (row % 5),
        row + 1,
        'Y',
      ].join(),
    );
    await writeFile(path, ['Age,Attrition,Department,Education,EmployeeNumber,Over18', ...rows, ''].join('\n'));
    const { table, target } = await loadData(config.resolve(), path);
    expect(table.columns.map(({ name }) => name)).toEqual(['Age', 'Education']);
    expect(target.classes).toEqual(['No', 'Yes']);
  });

  it('may have semicolons and decimal commas', async () => {
    const path = join(folder, 'semicolons.csv');
    const rows = Array.from({ length: 12 }, (_, row) => `${(row * 5) % 7},5;${row % 2}`);
    await writeFile(path, ['x;y', ...rows, ''].join('\n'));
    const { table, target } = await loadData(config.resolve({ set: ['data.target=y'] }), path);
    expect([...table.columns[0]!.values].slice(0, 2)).toEqual([0.5, 5.5]);
    expect(target).toMatchObject({ task: 'binary', classes: ['0', '1'] });
  });
});
