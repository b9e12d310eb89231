#!/usr/bin/env node
import { join } from 'node:path';
import { runCommandLine, type DataCommand, type ModelCommand } from '@motley/core/node';
import { shown, suggestion, UserError } from '@motley/run';
import { userPath, writeFileAtomically } from '@motley/run/node';
import { z } from 'zod';
import { config, type HrAttritionConfig } from './config.ts';
import {
  comparisonLines,
  crossValidate,
  encodeScores,
  isConstant,
  meanScores,
  NETWORK,
  SCORES_FILE,
  type CrossValidation,
} from './cross-validation.ts';
import { loadData, splitData, type HrAttritionData, type LabeledTable } from './data.ts';
import { baselineMetrics, decisionLines, evaluate, groupLines } from './evaluate.ts';
import { drawFigures, reliabilityFigure } from './figures.ts';
import { predict } from './predict.ts';
import { restorePredictor, type TablePredictor } from './predictor.ts';
import { calibrationLines, explain, predictionLines } from './reports.ts';
import { withShortFlags } from './short-flags.ts';
import * as studies from './study.ts';
import { parseTable } from './table/columns.ts';
import { rowFromTexts } from './table/rows-from-texts.ts';
import { outputsOf } from './table/table.ts';
import { readTextTable } from './table/text-table.ts';
import { train } from './train.ts';

type Command<Shape extends Record<string, z.ZodType>> = DataCommand<
  HrAttritionConfig,
  HrAttritionData,
  TablePredictor,
  Shape
>;

const USUAL_GROUPS = 'Gender,MaritalStatus,Age';
const cost = z.number().positive();
const evaluateOptions = {
  rows: z.enum(['test', 'all']).default('test').describe('all: every row, for a table that was not trained on'),
  groups: z.string().default(USUAL_GROUPS).describe('columns whose groups are measured by themselves'),
  falseNegativeCost: cost.default(5).describe('cost of a positive row that is missed'),
  falsePositiveCost: cost.default(1).describe('cost of a false alarm'),
};

/** @throws UserError naming a column that the table lacks, unless it is a usual one */
function groupsOf(text: string, { table }: LabeledTable): string[] {
  const names = text.split(',').filter((name) => name !== '');
  const known = table.columns.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined && text !== USUAL_GROUPS)
    throw new UserError(
      `--groups: expected a column of the inputs, got ${shown(unknown)}${suggestion(unknown, known)}`,
    );
  return names.filter((name) => known.includes(name));
}

const evaluateCommand: Command<typeof evaluateOptions> = {
  options: evaluateOptions,
  async run({ model, data, config: settings, options, print }) {
    const parts = options.rows === 'all' ? undefined : splitData(data, settings.data);
    const rows = parts?.test ?? data;
    if (rows.target.task === 'binary') {
      const probabilities = await predict(model, rows.table);
      const costs = { falseNegative: options.falseNegativeCost, falsePositive: options.falsePositiveCost };
      decisionLines(probabilities, rows.target.values, costs).forEach(print);
      groupLines(rows, probabilities, groupsOf(options.groups, rows)).forEach(print);
    }
    return {
      metrics: { test: await evaluate(model, rows) },
      ...(parts && { baselines: baselineMetrics(parts.training, parts.test) }),
    };
  },
};

const predictOptions = {
  table: z.string().default('').describe('CSV file whose rows are predicted; predictions.csv has them all'),
};

const predictCommand: ModelCommand<HrAttritionConfig, TablePredictor, typeof predictOptions> = {
  description: 'predict rows: Age=30 OverTime=Yes …, where columns that are not given are missing, or --table FILE',
  options: predictOptions,
  texts: 'values of one row as column=value',
  async run({ model, texts, options, folder, print }) {
    if (options.table !== '' && texts.length > 0) throw new UserError('predict: expected values or --table, got both');
    const found =
      options.table === ''
        ? rowFromTexts(texts, model.columns)
        : await readTextTable(userPath(options.table, 'predict'));
    const table = parseTable(found, model.columns);
    const lines = predictionLines(model.target, await predict(model, table));
    for (const [column, values] of Object.entries(model.encoder.unseen(table)))
      process.stderr.write(`${column}: not seen in training, read as none of the known: ${values.join(', ')}\n`);
    lines.forEach(print);
    await writeFileAtomically(join(folder.path, 'predictions.csv'), `${lines.join('\n')}\n`);
  },
};

const explainOptions = {
  row: z.int().min(0).default(0).describe('row of the test part'),
  players: z.int().min(1).max(12).default(10).describe('groups of columns; 2 to this power coalitions are predicted'),
};

const explainCommand: Command<typeof explainOptions> = {
  description: 'explain one prediction by exact Shapley values of groups of correlated columns',
  options: explainOptions,
  async run({ model, data, config: settings, options, print }) {
    const { training, test } = splitData(data, settings.data);
    (await explain(model, training, test, options)).forEach(print);
  },
};

/** Cross-validation of a training, with its files and lines. */
async function reportCrossValidation(
  cv: CrossValidation,
  data: HrAttritionData,
  path: string,
  print: (line: string) => void,
) {
  await writeFileAtomically(join(path, SCORES_FILE), encodeScores(cv));
  comparisonLines(cv).forEach(print);
  if (data.target.task !== 'binary') return {};
  calibrationLines(cv.outOfFold, data.target.values).forEach(print);
  const { [NETWORK]: network, logisticSplines } = cv.outOfFold.predictions;
  const methods = { network: network!, 'logistic splines': logisticSplines! };
  return { 'reliability-out-of-fold': reliabilityFigure(data.target.values, methods) };
}

try {
  process.exitCode = await runCommandLine(
    {
      system: 'hr-attrition',
      description: 'Predicts a column of a table: who leaves a company, or train --data my.csv --target column',
      config,
      async load({ config: settings, dataPath, weights, isTraining }) {
        const data = await loadData(settings, dataPath, isTraining ? undefined : weights);
        if (isTraining) for (const note of data.notes) process.stderr.write(`${note}\n`);
        return data;
      },
      restore: ({ config: settings, weights }) => restorePredictor(settings, weights),
      figures: ({ model, data, config: settings }) => drawFigures(model, splitData(data, settings.data).test),
      learningCurve: { yName: 'loss' },
      train: {
        async run({ config: settings, data, folder, print, ...context }) {
          const { training, test } = splitData(data, settings.data);
          const { model, result } = await train(settings, training, test, {
            ...context,
            ...(settings.features.fittedOn === 'all' && { fittedOn: data }),
          });
          if (result.status === 'stopped') return { model, result };
          const trained = await predict(model, training.table);
          if (isConstant(trained, outputsOf(data.target))) {
            model.dispose();
            throw new Error('training: expected predictions that differ, got the same for every row');
          }
          const metrics = { training: await evaluate(model, training) };
          const cv =
            settings.crossValidation.repeats === 0
              ? undefined
              : await crossValidate(settings, data, { ...context, print });
          if (cv === undefined) return { model, result, metrics, baselines: baselineMetrics(training, test) };
          const { [NETWORK]: own, ...others } = cv.scores;
          return {
            model,
            result,
            metrics: { ...metrics, crossValidation: { ...meanScores(own!), constants: cv.constants } },
            baselines: Object.fromEntries(Object.entries(others).map(([name, each]) => [name, meanScores(each)])),
            figures: await reportCrossValidation(cv, data, folder.path, print),
          };
        },
      },
      studies,
      commands: { evaluate: evaluateCommand, explain: explainCommand },
      modelCommands: { predict: predictCommand },
    },
    withShortFlags(process.argv.slice(2)),
  );
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
