import type { StepCompiler, TensorRunContext } from '@motley/core';
import { largest, meanAndDeviation, UserError } from '@motley/run';
import { z } from 'zod';
import { fitBaselines } from './baselines/linear-baselines.ts';
import type { HrAttritionConfig } from './config.ts';
import { selectLabeled, type LabeledTable } from './data.ts';
import { correctedDifference, type CorrectedDifference } from './evaluation/corrected-difference.ts';
import { divide, stratifiedFolds } from './folds.ts';
import { metricsOf } from './metrics.ts';
import { predict } from './predict.ts';
import { outputsOf } from './table/table.ts';
import { train } from './train.ts';

/** Name of the network among the methods. */
export const NETWORK = 'network';
/** Spread of predictions below which they are one constant. */
const CONSTANT = 1e-6;

const scoresSchema = z.record(z.string(), z.record(z.string(), z.array(z.number().nullable())));
const fileSchema = z.strictObject({
  testRatio: z.number().positive(),
  scores: scoresSchema,
  folds: z.array(z.array(z.int())),
});

/** Metrics of each method on each fold: method → metric → one value for each repeat and fold, in order. */
export type FoldScores = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** Predictions of a method for rows that it was not trained on. */
export interface OutOfFold {
  /** [N]: fold of each row. */
  readonly folds: Uint8Array;
  /** Method → predictions [N, O]. */
  readonly predictions: Readonly<Record<string, Float64Array>>;
}

export interface CrossValidation {
  readonly scores: FoldScores;
  /** Rows of a fold over rows that were trained on. */
  readonly testRatio: number;
  /** The first repeat's. */
  readonly outOfFold: OutOfFold;
  /** [repeats][N]: fold of each row. */
  readonly folds: readonly Uint8Array[];
  /** Networks that predicted one constant. */
  readonly constants: number;
}

export interface CrossValidationContext extends Pick<TensorRunContext, 'compile' | 'signal'> {
  readonly print?: (line: string) => void;
}

/**
 * Measures the network and the baselines by repeated stratified cross-validation. Everything is fitted on the training
 * rows of a fold: scales, categories, penalties' data, weights.
 * @returns undefined where it was interrupted
 */
export async function crossValidate(
  config: HrAttritionConfig,
  data: LabeledTable,
  { compile, signal, print }: CrossValidationContext = {},
): Promise<CrossValidation | undefined> {
  const { folds: count, seed } = config.data;
  const { repeats } = config.crossValidation;
  const scores: Record<string, Record<string, number[]>> = {};
  const predictions: Record<string, Float64Array> = {};
  const outputs = outputsOf(data.target);
  const rowCount = data.target.values.length;
  const quick = compile && withQuickEngine(compile);
  const divisions = Array.from({ length: repeats }, (_, repeat) => stratifiedFolds(data.target, count, seed + repeat));
  let constants = 0;
  for (const [repeat, folds] of divisions.entries()) {
    for (let fold = 0; fold < count; fold++) {
      const { training: trainingRows, test: testRows } = divide(folds, fold);
      const [training, test] = [selectLabeled(data, trainingRows), selectLabeled(data, testRows)];
      const add = (method: string, found: Float64Array): void => {
        const ofMethod = (scores[method] ??= {});
        for (const [name, value] of Object.entries(metricsOf(found, test.target))) (ofMethod[name] ??= []).push(value);
        if (repeat > 0) return;
        const all = (predictions[method] ??= new Float64Array(rowCount * outputs));
        for (const [place, row] of testRows.entries())
          all.set(found.subarray(place * outputs, (place + 1) * outputs), row * outputs);
      };
      for (const [method, baseline] of Object.entries(fitBaselines(training.table, training.target)))
        add(method, baseline(test.table));
      const seeded = { ...config, training: { ...config.training, seed: config.training.seed + repeat } };
      const { model, result } = await train(seeded, training, test, {
        compile: quick,
        signal,
        ...(config.features.fittedOn === 'all' && { fittedOn: data }),
      });
      const found = await predict(model, test.table);
      model.dispose();
      if (result.status === 'stopped') return undefined;
      add(NETWORK, found);
      if (isConstant(found, outputs)) constants++;
    }
    print?.(`cross-validation: ${(repeat + 1) * count} of ${repeats * count} folds`);
  }
  const outOfFold = { folds: divisions[0]!, predictions };
  return { scores, testRatio: 1 / (count - 1), outOfFold, folds: divisions, constants };
}

/** Compiler by TensorFlow's own executor: XLA compiles for longer than a fold's network trains. */
function withQuickEngine(compile: StepCompiler): StepCompiler {
  return (step, engine, stepsPerCall) => compile(step, engine ?? 'grappler', stepsPerCall);
}

/** Whether all rows have the same prediction. @param predictions [N, O] */
export function isConstant(predictions: Float64Array, outputs: number): boolean {
  return predictions.every((value, index) => Math.abs(value - predictions[index % outputs]!) < CONSTANT);
}

/** Mean of each metric over the folds, and its deviation as `…Deviation`. */
export function meanScores(scores: FoldScores[string]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(scores).flatMap(([name, values]) => {
      const { mean, standardDeviation } = meanAndDeviation(values.filter(Number.isFinite));
      return [
        [name, mean],
        [`${name}Deviation`, standardDeviation],
      ];
    }),
  );
}

/** Difference of the network to a method in a metric, over the folds. */
function differenceTo(
  { scores, testRatio }: Pick<CrossValidation, 'scores' | 'testRatio'>,
  method: string,
  metric: string,
): CorrectedDifference {
  return correctedDifference(scores[NETWORK]![metric]!, scores[method]![metric]!, testRatio);
}

/** Table of all methods, and the differences of the network to each, for a terminal. */
export function comparisonLines(cv: CrossValidation): string[] {
  const metrics = Object.keys(cv.scores[NETWORK]!);
  const width = largest(Object.keys(cv.scores).map((method) => method.length));
  const shownPair = (mean: number, spread: number): string => `${mean.toFixed(4)} ± ${spread.toFixed(4)}`;
  const lines = Object.entries(cv.scores).map(([method, scores]) => {
    const means = meanScores(scores);
    const cells = metrics.map((name) => `${name} ${shownPair(means[name]!, means[`${name}Deviation`]!)}`);
    return `${method.padEnd(width)}  ${cells.join('  ')}`;
  });
  const differences = Object.keys(cv.scores)
    .filter((method) => method !== NETWORK)
    .map((method) => {
      const cells = metrics.map((metric) => {
        const { mean, standardError } = differenceTo(cv, method, metric);
        return `${metric} ${shownPair(mean, standardError)}`;
      });
      return `${method.padEnd(width)}  ${cells.join('  ')}`;
    });
  const failures = cv.constants === 0 ? [] : [`failure: ${cv.constants} networks predict the same for every row`];
  return [
    'mean ± deviation over the folds:',
    ...lines,
    'network minus method ± corrected standard error (Nadeau and Bengio):',
    ...differences,
    ...failures,
  ];
}

/** File of a run's folder with the scores of all folds. */
export const SCORES_FILE = 'cross-validation.json';

/** Scores and folds, as studies and `python/trees.py` read them. */
export function encodeScores({ scores, testRatio, folds }: CrossValidation): string {
  return `${JSON.stringify({ testRatio, scores, folds: folds.map((each) => [...each]) })}\n`;
}

/** @throws UserError where the file holds other data */
export function decodeScores(value: unknown, path: string): Pick<CrossValidation, 'scores' | 'testRatio'> {
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) throw new UserError(`${path}: expected scores of a cross-validation, found other data`);
  const { scores, testRatio } = parsed.data;
  const known = Object.entries(scores).map(([method, metrics]) => {
    const values = Object.entries(metrics).map(([name, list]) => [name, list.map((each) => each ?? NaN)] as const);
    return [method, Object.fromEntries(values)] as const;
  });
  return { testRatio, scores: Object.fromEntries(known) };
}
