import { type Figure, scatterChart } from '@motley/run/node';
import { CLASS_NAMES, type Points } from './data.ts';
import type { MaskDetectionModel } from './model.ts';
import { predict } from './predict.ts';

const CATEGORIES = [...CLASS_NAMES, 'misclassified'] as const;
const POINTS_SHOWN = 1000;

/** Figures of a trained model by file name. */
export async function drawFigures(model: MaskDetectionModel, test: Points): Promise<Record<string, Figure>> {
  const positions = test.positions.subarray(0, 2 * POINTS_SHOWN);
  const probabilities = await predict(model, positions);
  const categories = Array.from(probabilities, (outer, index) => {
    const predicted = Number(outer > 0.5);
    return predicted === test.labels[index] ? predicted : CATEGORIES.indexOf('misclassified');
  });
  const coordinates = (axis: 0 | 1) => positions.filter((_, index) => index % 2 === axis);
  return {
    predictions: scatterChart({
      title: 'Two rings: predictions for test points',
      xName: 'x',
      yName: 'y',
      x: coordinates(0),
      y: coordinates(1),
      categories,
      categoryNames: CATEGORIES,
      width: 560,
      height: 560,
    }),
  };
}
