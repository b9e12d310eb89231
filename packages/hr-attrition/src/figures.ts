import { largest, smallest } from '@motley/run';
import { barChart, confusionMatrix, lineChart, scatterChart, type Figure } from '@motley/run/node';
import type { OutOfFold } from './cross-validation.ts';
import type { LabeledTable } from './data.ts';
import { reliabilityBins } from './evaluation/calibration.ts';
import { groupColumns } from './explanation/column-groups.ts';
import { partialDependence, sampleRows, type PartialDependence } from './explanation/partial-dependence.ts';
import { permutationImportance, type Importance } from './explanation/permutation.ts';
import { predict } from './predict.ts';
import type { TablePredictor } from './predictor.ts';
import { outputsOf, type Target } from './table/table.ts';

const ASSOCIATED = 0.5;
const SHUFFLES = 10;
const CURVES_SHOWN = 60;
/** Half the thickness of an individual curve, as a share of all their heights. */
const THICKNESS = 0.002;
const COLUMNS_SHOWN = 4;
const GROUPS_SHOWN = 8;
/** Pixels of a label's letter. */
const WIDTH_OF_LETTER = 7;

/** Figures of a predictor on rows that it was not trained on, by file name. */
export async function drawFigures(model: TablePredictor, rows: LabeledTable): Promise<Record<string, Figure>> {
  const predictRows = (table: LabeledTable['table']): Promise<Float64Array> => predict(model, table);
  const predictions = await predict(model, rows.table);
  const groups = groupColumns(rows.table, ASSOCIATED);
  const importances = await permutationImportance(predictRows, rows, groups, { shuffles: SHUFFLES, seed: 0 });
  const columns = importances.flatMap((each) => each.columns).slice(0, COLUMNS_SHOWN);
  const sample = sampleRows(rows.table, CURVES_SHOWN);
  const output = rows.target.task === 'multi-class' ? outputsOf(rows.target) - 1 : 0;
  const curves: Record<string, Figure> = {};
  for (const [place, name] of columns.entries())
    curves[`dependence-${place + 1}`] = dependenceFigure(
      await partialDependence(predictRows, sample, name, output),
      rows.target,
      output,
    );
  return {
    ...predictionFigures(rows.target, predictions),
    importance: importanceFigure(importances),
    ...curves,
  };
}

function predictionFigures(target: Target, predictions: Float64Array): Record<string, Figure> {
  if (target.task === 'binary') return { reliability: reliabilityFigure(target.values, { network: predictions }) };
  if (target.task === 'number') return { 'predicted-and-actual': numberFigure(target, predictions) };
  return { confusion: confusionFigure(target, predictions) };
}

/** Observed against predicted shares, with the 95 % intervals of the first method. */
export function reliabilityFigure(labels: Float64Array, methods: OutOfFold['predictions']): Figure {
  const bins = Object.entries(methods).map(([name, values]) => ({ name, bins: reliabilityBins(values, labels) }));
  return lineChart({
    title: 'Reliability: predicted and observed shares',
    subtitle: `${labels.length} rows that were not trained on, in tenths by prediction; band: 95 % interval`,
    xName: 'mean predicted probability',
    yName: 'share of positive rows',
    width: 640,
    height: 560,
    lines: [
      ...bins.map(({ name, bins: own }) => ({
        name,
        points: own.map(({ predicted, observed }) => [predicted, observed] as const),
      })),
      {
        name: 'perfect',
        points: [
          [0, 0],
          [1, 1],
        ],
        dashed: true,
      },
    ],
    bands: [
      {
        points: bins[0]!.bins.map(({ predicted, interval: [low, high] }) => [predicted, low, high] as const),
        color: 0,
        opacity: 0.15,
      },
    ],
  });
}

function importanceFigure(importances: readonly Importance[]): Figure {
  const shown = importances.slice(0, GROUPS_SHOWN);
  const names = shown.map(({ columns }) =>
    columns.length > 1 ? `${columns[0]} + ${columns.length - 1}` : columns[0]!,
  );
  return barChart({
    title: 'Permutation importance of groups of correlated columns',
    subtitle: `rise of the loss on test rows, ± deviation over ${SHUFFLES} shuffles`,
    xName: 'shuffled columns',
    yName: 'rise of the loss',
    width: Math.max(480, 80 + names.length * (WIDTH_OF_LETTER * largest(names.map(({ length }) => length)) + 16)),
    categories: names,
    series: [{ name: 'rise', values: shown.map(({ rise }) => rise), errors: shown.map(({ deviation }) => deviation) }],
  });
}

function dependenceFigure(
  { column, grid, labels, mean, individual }: PartialDependence,
  target: Target,
  output: number,
): Figure {
  const named = labels.some((label, place) => label !== String(grid[place]));
  const what =
    target.task === 'number' ? target.name : `probability of ${target.classes.at(output === 0 ? -1 : output) ?? ''}`;
  const thickness = THICKNESS * (largest(individual.flat()) - smallest(individual.flat()));
  return lineChart({
    title: `${what} against ${column}`,
    subtitle: `thick: mean (partial dependence); ${individual.length} rows by themselves`,
    xName: named ? labels.map((label, place) => `${grid[place]} ${label}`).join(', ') : column,
    yName: what,
    lines: [{ name: 'mean', points: grid.map((x, place) => [x, mean[place]!] as const) }],
    // A line of each row would need a name in the legend.
    bands: individual.map((curve) => ({
      points: grid.map((x, place) => [x, curve[place]! - thickness, curve[place]! + thickness] as const),
      color: 1,
      opacity: 0.25,
    })),
  });
}

function numberFigure({ values, name }: Target, predictions: Float64Array): Figure {
  return scatterChart({
    title: `${name}: predictions and values of test rows`,
    xName: 'predicted',
    yName: 'actual',
    x: predictions,
    y: values,
    categories: values.map(() => 0),
    categoryNames: ['test row'],
    width: 560,
    height: 560,
  });
}

function confusionFigure({ values, classes }: Target, predictions: Float64Array): Figure {
  const counts = new Float64Array(classes.length ** 2);
  for (const [row, label] of values.entries()) {
    const own = predictions.subarray(row * classes.length, (row + 1) * classes.length);
    const likeliest = own.reduce((best, value, index) => (value > own[best]! ? index : best), 0);
    counts[label * classes.length + likeliest]!++;
  }
  return confusionMatrix({ title: 'Classes of test rows, and their predictions', counts, classNames: classes });
}
