import type { MetricRecord, Metrics } from '@motley/run';
import type { Figure } from '@motley/run/node';
import { tellingUnits, valuesOf } from '../telling-units.ts';
import { learningCurve, textFigure } from '../text-figures.ts';
import type { TextData } from './data.ts';
import type { RecurrentNetwork } from './model.ts';

const PASSAGE_LENGTH = 512;

/** All figures of a trained network, by file name. The passage is the start of the validation part. */
export function drawFigures(
  network: RecurrentNetwork,
  data: TextData,
  records: readonly MetricRecord[],
  baselines: Readonly<Record<string, Metrics>>,
): Record<string, Figure> {
  return {
    ...(records.length > 0 && {
      'learning-curve': learningCurve(records, baselines, {
        title: 'Learning curve of the network by hand',
        training: 'training',
      }),
    }),
    ...unitFigures(network, data),
  };
}

/** For each feature of the text, a passage colored by the activations of the unit that follows it most closely. */
function unitFigures(network: RecurrentNetwork, { validation, vocabulary }: TextData): Record<string, Figure> {
  const symbols = validation.subarray(0, PASSAGE_LENGTH);
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
        subtitle: `h after each character, correlation ${correlation.toFixed(2)}, the highest of all units`,
      }),
    ]),
  );
}
