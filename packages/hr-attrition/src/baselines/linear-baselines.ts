import { TableEncoder } from '../table/encoder.ts';
import { outputsOf, type Table, type Target } from '../table/table.ts';
import { fitLinearModel, predictLinear, type Features } from './linear-model.ts';
import { splineBasis, splineValues, type SplineBasis } from './splines.ts';

/** Predictor that is fitted without a network: predictions [N, O] of rows. */
export type Baseline = (table: Table) => Float64Array;

/** Inverse of the penalty, as scikit-learn counts it. */
const C = 1;
const KNOTS = 5;
/** Weaker penalties fit splines too closely. */
const SPLINE_C = 0.3;
/** Columns with fewer values stay straight. */
const DISTINCT_OF_CURVES = 8;

/** Baselines by name, fitted on the training rows alone. */
export function fitBaselines(table: Table, target: Target): Record<string, Baseline> {
  return {
    majority: constant(target),
    logistic: linear(table, target, false),
    logisticLogarithms: linear(table, target, true),
    logisticSplines: splines(table, target),
  };
}

/** Shares of the classes, or the mean: the best constant. */
function constant(target: Target): Baseline {
  const { values, task } = target;
  const outputs = outputsOf(target);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const shares =
    task === 'multi-class'
      ? Float64Array.from(
          { length: outputs },
          (_, index) => values.filter((value) => value === index).length / values.length,
        )
      : Float64Array.of(mean);
  return ({ rowCount }) => Float64Array.from({ length: rowCount * outputs }, (_, index) => shares[index % outputs]!);
}

const encoderOptions = { scaling: 'standard', ordinalsAsNumbers: true } as const;

function linear(table: Table, target: Target, logarithms: boolean): Baseline {
  const encoder = TableEncoder.fit(table, { ...encoderOptions, logarithms });
  return fitted(target, C, table, (rows) => encodedFeatures(encoder, rows));
}

function splines(table: Table, target: Target): Baseline {
  const encoder = TableEncoder.fit(table, { ...encoderOptions, logarithms: false });
  const bases = new Map<string, { readonly basis: SplineBasis; readonly median: number }>();
  for (const column of table.columns) {
    if (column.kind !== 'number' || new Set(column.values).size < DISTINCT_OF_CURVES) continue;
    const basis = splineBasis(column.values, KNOTS);
    const median = encoder.toJSON().numbers.find((each) => each.column === column.name)?.median;
    if (basis !== undefined && median !== undefined) bases.set(column.name, { basis, median });
  }
  return fitted(target, SPLINE_C, table, (rows) => {
    const curves = rows.columns.flatMap((column) => {
      const curve = bases.get(column.name);
      return column.kind === 'number' && curve !== undefined ? [{ values: column.values, ...curve }] : [];
    });
    const straight = encodedFeatures(encoder, rows, (name) => !bases.has(name));
    const width = straight.width + curves.reduce((sum, { basis }) => sum + basis.size, 0);
    const values = new Float64Array(rows.rowCount * width);
    for (let row = 0; row < rows.rowCount; row++) {
      let place = row * width;
      values.set(straight.values.subarray(row * straight.width, (row + 1) * straight.width), place);
      place += straight.width;
      for (const { basis, median, values: column } of curves) {
        const value = column[row]!;
        values.set(splineValues(basis, Number.isNaN(value) ? median : value), place);
        place += basis.size;
      }
    }
    return { rowCount: rows.rowCount, width, values };
  });
}

function fitted(target: Target, c: number, table: Table, featuresOf: (table: Table) => Features): Baseline {
  const { task, values } = target;
  const penalty = 1 / (c * values.length);
  const mean = task === 'number' ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
  const deviation =
    task === 'number' ? Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1 : 1;
  const scaledTargets = values.map((value) => (value - mean) / deviation);
  const model = fitLinearModel(featuresOf(table), scaledTargets, { task, outputs: outputsOf(target), penalty });
  return (rows) => predictLinear(model, featuresOf(rows)).map((value) => value * deviation + mean);
}

/** Numbers and indicators side by side. @param isKept whether a column of numbers is used */
function encodedFeatures(
  encoder: TableEncoder,
  table: Table,
  isKept: (column: string) => boolean = () => true,
): Features {
  const { rowCount, numbers, indicators } = encoder.encode(table);
  const columns = encoder.toJSON().numbers;
  const kept = Array.from(columns.keys()).filter((index) => isKept(columns[index]!.column));
  const indicatorCount = encoder.indicatorCount;
  const width = kept.length + indicatorCount;
  const values = new Float64Array(rowCount * width);
  for (let row = 0; row < rowCount; row++) {
    for (const [place, index] of kept.entries()) values[row * width + place] = numbers[row * columns.length + index]!;
    values.set(indicators.subarray(row * indicatorCount, (row + 1) * indicatorCount), row * width + kept.length);
  }
  return { rowCount, width, values };
}
