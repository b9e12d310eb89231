import type { ShapeOptions } from '@motley/core/generators';
import { wilsonInterval } from '@motley/run';
import type { ShapesConfig } from './config.ts';
import { openHeldOut, shapeOptions } from './data.ts';
import { evaluate } from './evaluate.ts';
import type { ShapesCnn } from './model.ts';
import type { PictureOptions } from './stream.ts';

/** Property of the pictures that is held in a narrow range while all others vary. */
export type Quantity = (typeof QUANTITIES)[number];
export const QUANTITIES = ['size', 'contrast', 'noise'] as const;

/** Accuracy on pictures with one quantity in a narrow range. */
export interface ControlledAccuracy {
  readonly quantity: Quantity;
  /** Center of the range, in the generator's unit. */
  readonly value: number;
  /** Whether the range lies within the training's. */
  readonly wasTrainedOn: boolean;
  readonly accuracy: number;
  /** Wilson's interval of 95 %. */
  readonly interval: readonly [low: number, high: number];
  readonly images: number;
}

/** Ranges inside and outside of the training's defaults. */
const RANGES: Readonly<Record<Quantity, readonly (readonly [low: number, high: number])[]>> = {
  size: [0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 0.9].map((size) => [size, size]),
  contrast: [0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5].map((contrast) => [contrast, contrast + 0.02]),
  noise: [0, 0.04, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3].map((noise) => [noise, noise + 0.02]),
};

/** Accuracy against size, contrast and noise, on a stream of pictures for each range. */
export async function controlledAccuracies(model: ShapesCnn, settings: ShapesConfig): Promise<ControlledAccuracy[]> {
  const { controlledImages: images } = settings.evaluation;
  const points = QUANTITIES.flatMap((quantity) => RANGES[quantity].map((range) => ({ quantity, range })));
  const parts = points.map(({ quantity, range }) => picturesOf(settings, quantity, range));
  const batches = await openHeldOut(parts, images, settings.data);
  try {
    const { labels, predictions } = await evaluate(model, batches);
    return points.map(({ quantity, range }, point) => {
      let correct = 0;
      for (let place = point * images; place < (point + 1) * images; place++)
        correct += Number(labels[place] === predictions[place]);
      return {
        quantity,
        value: (range[0] + range[1]) / 2,
        wasTrainedOn: isTrainedOn(settings.data, quantity, range),
        accuracy: correct / images,
        interval: wilsonInterval(correct, images),
        images,
      };
    });
  } finally {
    await batches.dispose();
  }
}

function picturesOf(
  { data, evaluation }: ShapesConfig,
  quantity: Quantity,
  range: readonly [number, number],
): PictureOptions {
  const common = { seed: evaluation.seed, name: `${quantity} ${range[0]}` };
  const shapes: ShapeOptions = shapeOptions(data);
  if (quantity === 'size') return { ...common, shapes: { ...shapes, diameters: range } };
  const only = { quantity, range };
  if (quantity === 'contrast') return { ...common, shapes: { ...shapes, minContrast: 0 }, only };
  return { ...common, shapes: { ...shapes, maxNoise: range[1] }, only };
}

function isTrainedOn(data: ShapesConfig['data'], quantity: Quantity, [low, high]: readonly [number, number]): boolean {
  if (quantity === 'size') return low >= data.diameters[0]! && high <= data.diameters[1]!;
  return quantity === 'contrast' ? low >= data.minContrast : high <= data.maxNoise;
}
