import { RandomStream } from '@motley/core';
import type { Figure } from '@motley/run/node';
import { traceCells } from './cells.ts';
import type { TextData } from './data.ts';
import { surprisals } from './evaluate.ts';
import { interpretableUnits, valuesOf } from './interpretable-units.ts';
import type { CharLstm } from './model.ts';
import { sample } from './sample.ts';
import { textFigure } from './text-figures.ts';
import { promptSymbols } from './vocabulary.ts';

const PASSAGE_LENGTH = 512;
/** Symbols read before the passage to warm up the state. */
const WARM_UP = 500;
const SAMPLE_LENGTH = 384;
const TEMPERATURES = [0.5, 0.8, 1] as const;

/** Inputs of the figures. */
interface FigureInputs {
  readonly model: CharLstm;
  readonly data: TextData;
  readonly seed: number;
}

/** Figures of a trained model, by file name. Passages are from the validation part. */
export async function drawFigures({ model, data, seed }: FigureInputs): Promise<Record<string, Figure>> {
  return {
    surprise: await surprisalFigure(model, data),
    ...(await cellFigures(model, data)),
    ...(await sampleFigures(model, data, seed)),
  };
}

/** Surprisal of each character of a passage. */
async function surprisalFigure(model: CharLstm, data: TextData): Promise<Figure> {
  const read = data.validation.subarray(0, WARM_UP + PASSAGE_LENGTH);
  const found = await surprisals(model, read);
  const values = found.subarray(-PASSAGE_LENGTH);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return textFigure(charactersOf(data, read).slice(-values.length), values, {
    title: 'Surprisal of each character of a validation passage',
    subtitle: `−ln p given the text before it, in nats; mean ${mean.toFixed(2)}`,
  });
}

/** Cell state tanh(c) of interpretable units over the same passage. */
async function cellFigures(model: CharLstm, data: TextData): Promise<Record<string, Figure>> {
  const read = data.validation.subarray(0, WARM_UP + PASSAGE_LENGTH);
  const layers = await traceCells(model, read);
  const characters = charactersOf(data, read);
  return Object.fromEntries(
    interpretableUnits(layers, characters).map(({ feature, layer, unit, correlation }) => {
      // Negatively correlated units are drawn with the opposite sign.
      const sign = Math.sign(correlation);
      const figure = textFigure(
        characters.slice(-PASSAGE_LENGTH),
        valuesOf(layers[layer]!, unit, characters.length)
          .slice(-PASSAGE_LENGTH)
          .map((value) => sign * value),
        {
          title: `Layer ${layer + 1}, unit ${unit + 1}: ${feature}`,
          subtitle: `${sign < 0 ? '−' : ''}tanh(c), correlation ${Math.abs(correlation).toFixed(2)} over ${characters.length} characters, the highest of all units`,
        },
      );
      return [`cell-${feature.replaceAll(' ', '-')}`, figure];
    }),
  );
}

/** Samples at several temperatures, colored by the surprisal of each character. */
async function sampleFigures(model: CharLstm, data: TextData, seed: number): Promise<Record<string, Figure>> {
  const figures: Record<string, Figure> = {};
  for (const temperature of TEMPERATURES) {
    const random = RandomStream.fromSeed(seed).fork('samples');
    const options = { temperature, topK: null, topP: 1 };
    const { symbols, surprisal } = await sample(
      model,
      promptSymbols(data.tokenizer, ''),
      SAMPLE_LENGTH,
      options,
      random,
    );
    figures[`sample-at-${temperature.toFixed(1).replace('.', '-')}`] = textFigure(
      charactersOf(data, symbols),
      surprisal,
      {
        title: `Sample at temperature ${temperature}`,
        subtitle: 'colored by the surprisal of each character at temperature 1, in nats',
      },
    );
  }
  return figures;
}

/** Decodes each symbol on its own; bytes of multi-byte characters become U+FFFD. */
function charactersOf({ tokenizer }: TextData, symbols: Int32Array): string[] {
  return Array.from(symbols, (symbol) => tokenizer.decode([symbol]));
}
