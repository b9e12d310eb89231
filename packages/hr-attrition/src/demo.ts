import { defineDemo, type DemoCell, type DemoColumn, highlightedWords, labels, tableRow } from '@motley/core/demo';
import type { HrAttritionConfig } from './config.ts';
import { predict } from './predict.ts';
import { restorePredictor, type TablePredictor } from './predictor.ts';
import type { ColumnSchema, Table, TableColumn } from './table/table.ts';

type Row = Readonly<Record<string, DemoCell>>;

/** Numbers reach from and to so many scales of the training rows. */
const REACH = 3;
/** Columns that are named as those that moved the prediction. */
const MOST_SHOWN = 12;

/** Change one employee, see who leaves, and which columns moved the prediction. */
export default defineDemo({
  title: 'Who leaves?',
  description:
    'A row of the table that the network was trained on. Each column below the prediction has the color of how far it moves the prediction from where it would be with the usual value of that column alone.',
  inputs: (model: TablePredictor) => ({ row: tableRow({ columns: columnsOf(model), label: 'Row' }) }),
  outputs: {
    prediction: labels({ top: 10, label: 'Prediction' }),
    moved: highlightedWords({ label: 'Columns that moved it' }),
  },
  load: ({ weights, config }) => restorePredictor(config as HrAttritionConfig, weights),
  run: async (model, { row }) => {
    const { target } = model;
    const usual = Object.fromEntries(columnsOf(model).map((column) => [column.name, column.default]));
    const changed = model.columns.filter(({ name }) => row[name] !== undefined && row[name] !== usual[name]);
    const rows = [row, ...changed.map(({ name }) => ({ ...row, [name]: usual[name]! }))];
    const predictions = await predict(model, tableOf(rows, model.columns));
    const outputs = predictions.length / rows.length;
    const ofRow = predictions.subarray(0, outputs);
    // The column of outputs that is explained: the number, the positive class, or the likeliest one.
    const explained = outputs === 1 ? 0 : ofRow.indexOf(ofRow.reduce((most, value) => Math.max(most, value)));
    const range = target.task === 'number' ? target.scale : 1;
    const moved = changed.map(({ name }, index) => ({
      word: `${name} = ${row[name] ?? 'missing'}`,
      weight: clipped((ofRow[explained]! - predictions[(index + 1) * outputs + explained]!) / range),
    }));
    moved.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
    return { prediction: guessesOf(model, ofRow), moved: moved.slice(0, MOST_SHOWN) };
  },
  dispose: (model) => {
    model.dispose();
  },
});

function guessesOf({ target }: TablePredictor, outputs: Float64Array) {
  if (target.task === 'number') return [{ label: `${target.name}: ${outputs[0]!.toPrecision(4)}`, score: 1 }];
  const scores = target.task === 'binary' ? [1 - outputs[0]!, outputs[0]!] : [...outputs];
  return target.classes.map((label, index) => ({ label: `${target.name}: ${label}`, score: scores[index]! }));
}

/** Controls of the columns, each with the usual value of the training rows. */
function columnsOf({ columns, encoder }: TablePredictor): DemoColumn[] {
  const { numbers, categories } = encoder.toJSON();
  return columns.map(({ name, levels }) => {
    const number = numbers.find(({ column }) => column === name);
    if (number === undefined) {
      const found = categories.find(({ column }) => column === name)?.categories ?? [];
      const named = levels === undefined ? found : found.map((code) => levels[Number(code) - 1] ?? code);
      return { name, categories: named, default: named[0] ?? null };
    }
    const { isLogarithm, median, scale } = number;
    const original = (value: number): number => Number((isLogarithm ? Math.expm1(value) : value).toPrecision(3));
    if (levels !== undefined) return { name, categories: levels, default: levels[Math.round(median) - 1] ?? null };
    const width = scale === 0 ? 1 : REACH / scale;
    return {
      name,
      min: isLogarithm ? Math.max(0, original(median - width)) : original(median - width),
      max: original(median + width),
      default: original(median),
    };
  });
}

/** Rows as the network reads them. A missing cell stays missing. */
function tableOf(rows: readonly Row[], schema: readonly ColumnSchema[]): Table {
  const columns = schema.map(({ name, kind, levels }): TableColumn => {
    const cells = rows.map((row) => row[name] ?? null);
    if (kind === 'category') return { name, kind, values: cells.map((cell) => (cell === null ? '' : String(cell))) };
    const values = Float64Array.from(cells, (cell) => {
      if (cell === null || cell === '') return NaN;
      return levels === undefined ? Number(cell) : levels.indexOf(String(cell)) + 1;
    });
    return { name, kind, values, ...(levels !== undefined && { levels }) };
  });
  return { rowCount: rows.length, columns };
}

function clipped(value: number): number {
  return Math.min(1, Math.max(-1, value));
}
