import { meanTerms } from '@motley/core';
import type { MarkovChain } from '@motley/core/generators';
import type { EvaluationLimits } from '@motley/run';
import { chainOptimum, linearPredictor, persistence, symbolErrors } from './baselines.ts';
import { symbolBatches, type SymbolData, type SymbolWindows } from './data.ts';
import { symbolLoss } from './loss.ts';
import type { SymbolPredictor } from './model.ts';

const BATCH_SIZE = 256;
/** Symbols that the linear model is fitted on: many times the number of its weights. */
const LINEAR_STEPS = 50_000;

/** Cross-entropy in nats and accuracy of the next symbol, at the steps whose deciding symbol is in the window. */
export function evaluate(
  model: SymbolPredictor,
  windows: SymbolWindows,
  { delay }: MarkovChain,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  const batches = symbolBatches(windows, BATCH_SIZE);
  return meanTerms(batches, ({ symbols, next }) => symbolLoss(model.forward(symbols), next, delay - 1), limits);
}

/**
 * Cross-entropy and accuracy of predictors without a network, at the same steps of the test part: persistence, a linear
 * model of the last `lags` symbols, and the chain itself. `entropyRate` has the optimum's expected values.
 */
export function baselines(
  { chain, training, test }: SymbolData,
  lags: number,
): Record<string, { readonly loss: number; readonly accuracy: number }> {
  const { states, delay } = chain;
  const fitted = { from: 0, to: Math.min(training.series.length, LINEAR_STEPS) };
  const predictors = {
    persistence: persistence(training.series, fitted, states),
    linear: linearPredictor(training.series, fitted, { states, lags }),
    optimum: chainOptimum(chain),
  };
  const measured = Object.entries(predictors).map(([name, predictor]) => {
    const sums = { count: 0, hits: 0, nats: 0 };
    for (let first = 0; first < test.series.length; first += test.window + 1) {
      const span = { from: first + delay, to: first + test.window + 1 };
      const { count, accuracy, nats } = symbolErrors(predictor, test.series, span);
      sums.count += count;
      sums.hits += count * accuracy;
      sums.nats += count * nats;
    }
    return [name, { loss: sums.nats / sums.count, accuracy: sums.hits / sums.count }] as const;
  });
  return {
    ...Object.fromEntries(measured),
    entropyRate: { loss: chain.entropyRateInNats, accuracy: chain.optimalAccuracy },
  };
}
