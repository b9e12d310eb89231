import type { Series } from '../series/series.ts';
import type { SeriesParts } from '../series/split.ts';
import { chooseStrength, ridgeMap, type AffineMap } from './affine.ts';
import { fitted, momentsOf, validationMoments, type FittedForecaster, type LinearOptions } from './ridge.ts';
import { differencesFrom } from './window-moments.ts';

/**
 * NLinear (Zeng, Chen, Zhang & Xu, "Are Transformers Effective for Time Series Forecasting?", 2022, section 4):
 * subtracts the last value from the window, applies one linear layer to all steps ahead, and adds the last value again.
 * The paper trains the layer by gradient descent on the squared error. Here it is the closed-form minimum, with a ridge
 * penalty in place of early stopping.
 * @throws UserError where the training or validation part is shorter than a window
 */
export function nlinear(series: Series, parts: SeriesParts, options: LinearOptions): FittedForecaster {
  const { window, horizon } = options;
  const training = differencesFrom(momentsOf(series, parts.training, window + horizon), window - 1);
  const chosen = chooseStrength(
    (strength) => withLastAdded(ridgeMap(training, window - 1, strength)),
    validationMoments(series, parts, options),
  );
  return fitted(`NLinear, window of ${window}`, chosen);
}

/** y - l = W (x - l) + b as a map of the whole window: the last value's weight is 1 minus the sum of the others. */
export function withLastAdded({ weights, bias }: AffineMap): AffineMap {
  const own = weights.sum('row').map((sum) => 1 - sum);
  return { weights: weights.clone().addColumn(weights.columns, own), bias };
}
