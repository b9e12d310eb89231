import type { Forecaster } from './baselines/index.ts';
import type { SeriesData } from './data.ts';
import { baselinesOf, evaluate, startsOf, summaryOf, type Evaluation } from './evaluate.ts';
import type { SeriesForecaster } from './model.ts';
import { errorsOf, forecastErrors, type ForecastErrors } from './series/errors.ts';
import type { ForecastSettings } from './settings.ts';
import { createLinearModel } from './train.ts';

/** Errors of a forecaster and its baselines on the test part. */
export interface Comparison {
  readonly evaluation: Evaluation;
  /** By name, from the same starts: the linear model that the training starts from, the baselines, the optimum. */
  readonly baselineErrors: Readonly<Record<string, ForecastErrors>>;
  /** Forecasters that figures draw beside the network. */
  readonly overlays: Readonly<Record<string, Forecaster>>;
}

/** Measures a forecaster and all baselines on the test part. */
export async function compare(
  model: SeriesForecaster,
  data: SeriesData,
  config: ForecastSettings,
): Promise<Comparison> {
  const evaluation = await evaluate(model, data, config);
  const linear = await linearErrors(model, data, config);
  const baselines = baselinesOf(data, config);
  const starts = startsOf(data, 'test', config);
  const measured = Object.entries(baselines).map(
    ([name, forecaster]) => [name, forecastErrors(forecaster, data.series, starts, config.model.horizon)] as const,
  );
  const { ridge, optimum } = baselines;
  return {
    evaluation,
    baselineErrors: { ...(linear && { linear }), ...Object.fromEntries(measured) },
    overlays: { ridge: ridge!, ...(optimum && { optimum }) },
  };
}

/** Errors of the linear model that the training starts from, if there is one: a corrected one is part of the model. */
async function linearErrors(
  model: SeriesForecaster,
  data: SeriesData,
  config: ForecastSettings,
): Promise<ForecastErrors | undefined> {
  const { corrected } = await model.scale(data.series);
  if (corrected !== undefined)
    return errorsOf(data.series, startsOf(data, 'test', config), config.model.horizon, corrected.from);
  const linear = await createLinearModel(config, data);
  if (linear === undefined) return undefined;
  const { errors } = await evaluate(linear, data, config);
  linear.dispose();
  return errors;
}

/** Summary figures of each baseline. */
export function baselineSummaries({ evaluation, baselineErrors }: Comparison): Record<string, Record<string, number>> {
  const scale = Math.sqrt(evaluation.metrics.rmse! ** 2 / evaluation.metrics.scaledMse!);
  return Object.fromEntries(Object.entries(baselineErrors).map(([name, errors]) => [name, summaryOf(errors, scale)]));
}

/** RMSE and MAE of the network and all baselines as a CSV, one row for each step ahead. */
export function errorsTable({ evaluation, baselineErrors }: Comparison): string {
  const all = Object.entries({ lstm: evaluation.errors, ...baselineErrors });
  const header = ['steps_ahead', ...all.flatMap(([name]) => [`${name}_rmse`, `${name}_mae`])];
  const rows = Array.from(evaluation.errors.meanAbsoluteErrors, (_, step) =>
    [
      step + 1,
      ...all.flatMap(([, { rootMeanSquaredErrors, meanAbsoluteErrors }]) => [
        rootMeanSquaredErrors[step]!,
        meanAbsoluteErrors[step]!,
      ]),
    ].join(','),
  );
  return `${[header.join(','), ...rows].join('\n')}\n`;
}
