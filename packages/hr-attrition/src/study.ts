import { join } from 'node:path';
import { readJson, type Study, type StudyColumn, type StudyEnd, type StudyVariant } from '@motley/run/node';
import type { HrAttritionConfig } from './config.ts';
import { decodeScores, NETWORK, SCORES_FILE } from './cross-validation.ts';
import { correctedDifference } from './evaluation/corrected-difference.ts';

type Config = HrAttritionConfig;
type Values = StudyVariant<Config>['config'];

const REPEATS = 5;
const METRICS = ['areaUnderCurve', 'brier', 'loss'] as const;

const columns: readonly StudyColumn<Config>[] = [
  { heading: 'AUC', metric: 'crossValidation.areaUnderCurve', digits: 4 },
  { heading: '± folds', metric: 'crossValidation.areaUnderCurveDeviation', digits: 4 },
  { heading: 'PR-AUC', metric: 'crossValidation.averagePrecision', digits: 4 },
  { heading: 'Brier', metric: 'crossValidation.brier', digits: 4 },
  { heading: 'log loss', metric: 'crossValidation.loss', digits: 4 },
];

function variant(description: string, own: Values = {}, preset = ''): StudyVariant<Config> {
  const repeated = { ...own, crossValidation: { repeats: REPEATS } };
  return { description, config: repeated, ...(preset !== '' && { preset }) };
}

/** Prints the first variant's difference to each other one, and to the baselines, with corrected standard errors. */
async function differences({ runs, print }: StudyEnd<Config>): Promise<void> {
  const read = runs.map(async ({ variant: name, path }) => {
    const file = join(path, SCORES_FILE);
    return { name, ...decodeScores(await readJson(file, 'scores of a cross-validation'), file) };
  });
  const [first, ...others] = await Promise.all(read);
  const ratio = first!.testRatio;
  const own = first!.scores[NETWORK]!;
  const baselines = Object.entries(first!.scores).filter(([name]) => name !== NETWORK);
  const compared = [...baselines, ...others.map(({ name, scores }) => [name, scores[NETWORK]!] as const)];
  print(`${first!.name} minus each, with Nadeau and Bengio's corrected standard error:`);
  for (const [name, scores] of compared) {
    const cells = METRICS.map((metric) => {
      const { mean, standardError } = correctedDifference(own[metric]!, scores[metric]!, ratio);
      return `${metric} ${mean.toFixed(4)} ± ${standardError.toFixed(4)}`;
    });
    print(`  ${name}: ${cells.join(', ')}`);
  }
}

/** All inputs: the network and what each of its parts is worth. */
export const ablation: Study<Config> = {
  description: 'the network on all inputs, without each of its parts, beside the baselines; 10 folds × 5',
  variants: {
    network: variant('network'),
    'one-member': variant('one member', { model: { members: 1 } }),
    'no-embedding': variant('without periodic embeddings', { model: { embedding: 'none' } }),
    'no-linear-path': variant('without the linear path', { model: { linearPath: false } }),
    'no-logarithms': variant('without logarithms', { features: { logarithms: false } }),
    'ordinals-as-categories': variant('ordinals as categories', { features: { ordinals: 'categories' } }),
    'standard-scaling': variant('standard scaling', { features: { scaling: 'standard' } }),
    'weak-penalty': variant('hardly regularized', { loss: { penalty: 1e-5, linearPenalty: 1e-5 } }),
  },
  seeds: 1,
  columns,
  finish: differences,
};

/** Age and years at the company alone. */
export const twoInputs: Study<Config> = {
  description: 'two inputs: the network beside the baselines; 10 folds × 5',
  variants: { 'two-inputs': variant('network', {}, 'two-inputs') },
  seeds: 1,
  columns,
  finish: differences,
};

/** The course's five networks, as the course measured them and on rows that they were not trained on. */
export const course: Study<Config> = {
  description: "the course's networks: squared error on the rows trained on, and on others",
  variants: {
    'no-hidden-layer': variant('no hidden layer', { model: { hiddenSizes: [] } }, 'course'),
    'one-hidden-layer': variant('one hidden layer', { model: { hiddenSizes: [8] } }, 'course'),
    'two-hidden-layers': variant('two hidden layers', { model: { hiddenSizes: [8, 8] } }, 'course'),
    'higher-rate': variant(
      'two hidden layers, ten times the learning rate',
      { model: { hiddenSizes: [8, 8] }, training: { learningRate: 3e-2 } },
      'course',
    ),
    'all-inputs': variant(
      'two hidden layers, all inputs',
      { model: { hiddenSizes: [8, 8] }, data: { inputs: [] } },
      'course',
    ),
  },
  seeds: 1,
  columns: [
    { heading: 'MSE, rows trained on', metric: 'training.brier', digits: 4 },
    { heading: 'MSE, held out', metric: 'crossValidation.brier', digits: 4 },
    { heading: 'AUC, held out', metric: 'crossValidation.areaUnderCurve', digits: 4 },
    { heading: 'constant networks', metric: 'crossValidation.constants', digits: 0 },
  ],
  finish: differences,
};
