import type { Figure } from '@motley/run/node';
import { interpretableUnits, valuesOf } from '../interpretable-units.ts';
import { textFigure } from '../text-figures.ts';
import type { TextData } from './data.ts';
import type { RecurrentNetwork } from './model.ts';

const PASSAGE_LENGTH = 512;

/**
 * Figures of a trained network by file name: for each feature of the text, the start of the validation part colored by the
 * activations of the unit that follows the feature most closely.
 */
export function drawFigures(network: RecurrentNetwork, { validation, vocabulary }: TextData): Record<string, Figure> {
  const symbols = validation.subarray(0, PASSAGE_LENGTH);
  const reader = network.withWindow({ streams: 1, steps: symbols.length });
  reader.forward(symbols);
  const { layers } = network.sizes;
  const hidden = Array.from({ length: layers }, (_, layer) => reader.hidden(layer));
  const characters = Array.from(symbols, (symbol) => vocabulary.tokenizer.decode([symbol]));
  return Object.fromEntries(
    interpretableUnits(hidden, characters).map(({ feature, layer, unit, correlation }) => [
      `unit-${feature.replaceAll(' ', '-')}`,
      textFigure(characters, valuesOf(hidden[layer]!, unit, characters.length), {
        title: `Unit ${unit + 1} of layer ${layer + 1} follows: ${feature}`,
        subtitle: `h after each character, correlation ${correlation.toFixed(2)}, the highest of all units`,
      }),
    ]),
  );
}
