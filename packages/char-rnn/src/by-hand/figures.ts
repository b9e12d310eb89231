import { heatMap, lineChart, type Figure, type MetricRecord, type Metrics } from '@motley/core/scratch';
import type { TextData } from './data.ts';
import type { RecurrentNetwork } from './model.ts';
import { columnOf, tellingUnits } from './telling-units.ts';

const COLUMNS = 64;
const ROWS = 8;

/** All pictures of a trained network, by file name. The passage is the beginning of the validation part. */
export function drawFigures(
  network: RecurrentNetwork,
  data: TextData,
  records: readonly MetricRecord[],
  baselines: Readonly<Record<string, Metrics>>,
): Record<string, Figure> {
  return {
    ...(records.length > 0 && { 'learning-curve': learningCurve(records, baselines) }),
    ...unitFigures(network, data),
  };
}

/** Loss against steps, with the baselines as lines. */
function learningCurve(records: readonly MetricRecord[], baselines: Readonly<Record<string, Metrics>>): Figure {
  const points = (split: string) =>
    records.flatMap(({ step, metrics, ...record }): [number, number][] =>
      record.split === split ? [[step, metrics.loss!]] : [],
    );
  const steps = records.map(({ step }) => step);
  return lineChart({
    title: 'Learning curve of the network by hand',
    xName: 'step',
    yName: 'loss (nats per symbol)',
    lines: [
      { name: 'training', points: points('train') },
      { name: 'validation', points: points('validation') },
      ...Object.entries(baselines).map(([name, { loss }]) => ({
        name: name === 'fiveGram' ? '5-gram' : name,
        points: [Math.min(...steps), Math.max(...steps)].map((step) => [step, loss!] as const),
        dashed: true,
      })),
    ],
  });
}

/** A passage, its characters on grounds of a unit's colours, for each of the units that follow something visible. */
function unitFigures(network: RecurrentNetwork, { validation, vocabulary }: TextData): Record<string, Figure> {
  const symbols = validation.subarray(0, ROWS * COLUMNS);
  const reader = network.withWindow({ streams: 1, steps: symbols.length });
  reader.forward(symbols);
  const { hiddenSize, layers } = network.sizes;
  const hidden = Array.from({ length: layers }, (_, layer) => reader.hidden(layer));
  const characters = Array.from(symbols, (symbol) => vocabulary.tokenizer.decode([symbol]));
  return Object.fromEntries(
    tellingUnits(hidden, characters).map(({ feature, layer, unit, correlation }) => [
      `unit-${feature.replaceAll(' ', '-')}`,
      textFigure(characters, columnOf(hidden[layer]!, unit, hiddenSize), {
        title: `Unit ${unit + 1} of layer ${layer + 1} follows: ${feature}`,
        subtitle: `h after each character, correlation ${correlation.toFixed(2)}; of all units the most`,
      }),
    ]),
  );
}

/** A text in rows, each character on a ground of its value's colour. */
function textFigure(
  characters: readonly string[],
  values: readonly number[],
  titles: { readonly title: string; readonly subtitle: string },
): Figure {
  const rows = Math.ceil(characters.length / COLUMNS);
  const cells = Array.from({ length: rows * COLUMNS }, (_, index) => values[index] ?? NaN);
  return heatMap({
    ...titles,
    xName: '',
    yName: '',
    values: cells,
    xLabels: new Array<string>(COLUMNS).fill(''),
    yLabels: new Array<string>(rows).fill(''),
    cellLabels: cells.map((_, index) => (characters[index] ?? '').replace('\n', '↵')),
    width: 166 + 14 * COLUMNS,
    height: 130 + 22 * rows,
  });
}
