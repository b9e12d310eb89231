import type { MetricRecord, Metrics } from '@motley/run';
import type { Figure } from '@motley/run/node';
import { tellingUnits, valuesOf } from '../telling-units.ts';
import { textFigure } from '../text-figures.ts';
import type { TextData } from './data.ts';
import type { RecurrentNetwork } from './model.ts';

const PASSAGE = 512;

/** All pictures of a trained network, by file name. The passage is the beginning of the validation part. */
export function drawFigures(network: RecurrentNetwork, data: TextData): Record<string, Figure> {
  return unitFigures(network, data);
}

/** A passage, its characters on grounds of a unit's colours, for each of the units that follow something visible. */
function unitFigures(network: RecurrentNetwork, { validation, vocabulary }: TextData): Record<string, Figure> {
  const symbols = validation.subarray(0, PASSAGE);
  const reader = network.withWindow({ streams: 1, steps: symbols.length });
  reader.forward(symbols);
  const { layers } = network.sizes;
  const hidden = Array.from({ length: layers }, (_, layer) => reader.hidden(layer));
  const characters = Array.from(symbols, (symbol) => vocabulary.tokenizer.decode([symbol]));
  return Object.fromEntries(
    tellingUnits(hidden, characters).map(({ feature, layer, unit, correlation }) => [
      `unit-${feature.replaceAll(' ', '-')}`,
      textFigure(characters, valuesOf(hidden[layer]!, unit, characters.length), {
        title: `Unit ${unit + 1} of layer ${layer + 1} follows: ${feature}`,
        subtitle: `h after each character, correlation ${correlation.toFixed(2)}; of all units the most`,
      }),
    ]),
  );
}
