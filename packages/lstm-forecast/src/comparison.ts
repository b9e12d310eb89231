import type { Forecaster } from './baselines/index.ts';
import type { ForecastConfig } from './config.ts';
import type { SeriesData } from './data.ts';
import { baselinesOf, evaluate, startsOf, summaryOf, type Evaluation } from './evaluate.ts';
import type { SeriesForecaster } from './model.ts';
import { forecastErrors, type ForecastErrors } from './series/errors.ts';
import { createLine } from './train.ts';

/** A forecaster on the test part, beside what it has to beat there. */
export interface Comparison {
  readonly evaluation: Evaluation;
  /** From the same starts, by name: the line that the training begins with, the baselines, the optimum. */
  readonly baselineErrors: Readonly<Record<string, ForecastErrors>>;
  /** Those that figures draw beside the network's forecasts. */
  readonly rivals: Readonly<Record<string, Forecaster>>;
}

/** Measures a forecaster and all baselines on the test part. */
export async function compare(model: SeriesForecaster, data: SeriesData, config: ForecastConfig): Promise<Comparison> {
  const evaluation = await evaluate(model, data, config);
  const linear = await lineErrors(data, config);
  const baselines = baselinesOf(data, config);
  const starts = startsOf(data, 'test', config);
  const measured = Object.entries(baselines).map(
    ([name, forecaster]) => [name, forecastErrors(forecaster, data.series, starts, config.model.horizon)] as const,
  );
  const { ridge, optimum } = baselines;
  return {
    evaluation,
    baselineErrors: { ...(linear && { linear }), ...Object.fromEntries(measured) },
    rivals: { ridge: ridge!, ...(optimum && { optimum }) },
  };
}

/** Errors of the line that the training begins with, where it begins with one. */
async function lineErrors(data: SeriesData, config: ForecastConfig): Promise<ForecastErrors | undefined> {
  const line = await createLine(config, data);
  if (line === undefined) return undefined;
  const { errors } = await evaluate(line, data, config);
  line.dispose();
  return errors;
}

/** The baselines' errors as a run's summary has them. */
export function baselineSummaries({ evaluation, baselineErrors }: Comparison): Record<string, Record<string, number>> {
  const scale = Math.sqrt(evaluation.metrics.rmse! ** 2 / evaluation.metrics.scaledMse!);
  return Object.fromEntries(Object.entries(baselineErrors).map(([name, errors]) => [name, summaryOf(errors, scale)]));
}

/** RMSE and MAE of the network and all baselines as a CSV, with a row for each number of steps ahead. */
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
