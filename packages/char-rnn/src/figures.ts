import { RandomStream } from '@motley/core';
import type { Figure } from '@motley/run/node';
import { traceCells } from './cells.ts';
import type { TextData } from './data.ts';
import { surprises } from './evaluate.ts';
import type { CharLstm } from './model.ts';
import { sample } from './sample.ts';
import { tellingUnits, valuesOf } from './telling-units.ts';
import { textFigure } from './text-figures.ts';
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
  readonly seed: number;
}

/** All pictures of a trained model, by file name. Passages are of the validation part. */
export async function drawFigures({ model, data, seed }: Drawn): Promise<Record<string, Figure>> {
  return {
    surprise: await surpriseFigure(model, data),
    ...(await cellFigures(model, data)),
    ...(await sampleFigures(model, data, seed)),
  };
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
  const layers = await traceCells(model, read);
  const characters = charactersOf(data, read);
  return Object.fromEntries(
    tellingUnits(layers, characters).map(({ feature, layer, unit, correlation }) => {
      // Dark where the feature is, whichever way the unit goes.
      const sign = Math.sign(correlation);
      const figure = textFigure(
        characters.slice(-PASSAGE),
        valuesOf(layers[layer]!, unit, characters.length)
          .slice(-PASSAGE)
          .map((value) => sign * value),
        {
          title: `Layer ${layer + 1}, unit ${unit + 1}: ${feature}`,
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
