import { RandomStream, type MetricRecord, type Metrics } from '@motley/core';
import { heatMap, lineChart, type Figure } from '@motley/core/node';
import { tellingUnits, traceCells } from './cells.ts';
import type { TextData } from './data.ts';
import { surprises } from './evaluate.ts';
import type { CharLstm } from './model.ts';
import { sample } from './sample.ts';
import { promptSymbols } from './vocabulary.ts';

const PASSAGE = 512;
/** Where the network is to have found out what it reads. */
const BEFORE_PASSAGE = 500;
const WRITTEN = 384;
const TEMPERATURES = [0.5, 0.8, 1] as const;

/** What pictures are drawn of. */
export interface Drawn {
  readonly model: CharLstm;
  readonly data: TextData;
  readonly records: readonly MetricRecord[];
  readonly baselines: Readonly<Record<string, Metrics>>;
  readonly seed: number;
}

/** All pictures of a trained model, by file name. Passages are of the validation part. */
export async function drawFigures({ model, data, records, baselines, seed }: Drawn): Promise<Record<string, Figure>> {
  return {
    ...(records.length > 0 && { 'learning-curve': learningCurve(records, baselines) }),
    surprise: await surpriseFigure(model, data),
    ...(await cellFigures(model, data)),
    ...(await sampleFigures(model, data, seed)),
  };
}

/** Loss against steps, with the baselines as lines. */
function learningCurve(records: readonly MetricRecord[], baselines: Drawn['baselines']): Figure {
  const points = (split: string, metric: string) =>
    records.flatMap((record): [number, number][] => {
      const value = record.metrics[metric];
      return record.split === split && value !== undefined ? [[record.step, value]] : [];
    });
  const steps = records.map(({ step }) => step);
  const [first, last] = [Math.min(...steps), Math.max(...steps)];
  const names: Readonly<Record<string, string>> = { fiveGram: '5-gram', entropyRate: 'entropy rate' };
  return lineChart({
    title: 'Learning curve',
    xName: 'step',
    yName: 'loss (nats per symbol)',
    lines: [
      { name: 'training (with dropout)', points: points('train', 'loss') },
      { name: 'validation', points: points('validation', 'loss') },
      ...Object.entries(baselines).map(([name, { loss }]) => ({
        name: names[name] ?? name,
        points: [first, last].map((step) => [step, loss!] as const),
        dashed: true,
      })),
    ],
  });
}

/** How surprised the network is by each character of a passage. */
async function surpriseFigure(model: CharLstm, data: TextData): Promise<Figure> {
  const read = data.validation.subarray(0, BEFORE_PASSAGE + PASSAGE);
  const found = await surprises(model, read);
  const values = found.subarray(-PASSAGE);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return textFigure(charactersOf(data, read).slice(-values.length), values, {
    title: 'Surprise at each character of a passage of the validation part',
    subtitle: `−ln p given all before it, in nats; mean ${mean.toFixed(2)}`,
  });
}

/** tanh(c) of the units that follow what a reader can see, over the same passage. */
async function cellFigures(model: CharLstm, data: TextData): Promise<Record<string, Figure>> {
  const read = data.validation.subarray(0, BEFORE_PASSAGE + PASSAGE);
  const trace = await traceCells(model, read);
  const characters = charactersOf(data, read);
  return Object.fromEntries(
    tellingUnits(trace, characters).map(({ feature, unit, correlation }) => {
      const [layer, place] = [Math.floor(unit / trace.units) + 1, (unit % trace.units) + 1];
      // Dark where the feature is, whichever way the unit goes.
      const sign = Math.sign(correlation);
      const figure = textFigure(
        characters.slice(-PASSAGE),
        trace.values.slice(-PASSAGE).map((row) => sign * row[unit]!),
        {
          title: `Layer ${layer}, unit ${place}: ${feature}`,
          subtitle: `${sign < 0 ? '−' : ''}tanh(c), correlation ${Math.abs(correlation).toFixed(2)} over ${characters.length} characters; the most telling of all units`,
        },
      );
      return [`cell-${feature.replaceAll(' ', '-')}`, figure];
    }),
  );
}

/** What the network writes at several temperatures, coloured by its own surprise. */
async function sampleFigures(model: CharLstm, data: TextData, seed: number): Promise<Record<string, Figure>> {
  const figures: Record<string, Figure> = {};
  for (const temperature of TEMPERATURES) {
    const random = RandomStream.fromSeed(seed).fork('samples');
    const options = { temperature, topK: null, topP: 1 };
    const { symbols, surprise } = await sample(model, promptSymbols(data.tokenizer, ''), WRITTEN, options, random);
    figures[`sample-at-${temperature.toFixed(1).replace('.', '-')}`] = textFigure(
      charactersOf(data, symbols),
      surprise,
      {
        title: `Written at temperature ${temperature}`,
        subtitle: 'coloured by the surprise of each character to the network itself, in nats',
      },
    );
  }
  return figures;
}

/** One text for each symbol; bytes that are no character alone are shown as U+FFFD. */
function charactersOf({ tokenizer }: TextData, symbols: Int32Array): string[] {
  return Array.from(symbols, (symbol) => tokenizer.decode([symbol]));
}

const COLUMNS = 64;

/** A text in rows, each character on a ground of its value's colour. */
export function textFigure(
  characters: readonly string[],
  values: ArrayLike<number>,
  titles: { readonly title: string; readonly subtitle: string },
): Figure {
  const rows = Math.ceil(characters.length / COLUMNS);
  const cells = Array.from({ length: rows * COLUMNS }, (_, index) => Number((values[index] ?? NaN).toFixed(3)));
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
