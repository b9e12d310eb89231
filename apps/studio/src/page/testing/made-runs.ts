import type { ConfigField, CurveData, RunDetail, RunRow, RunStatus, SystemInfo } from '../../shared/api.ts';

const STATUSES: readonly RunStatus[] = ['completed', 'running', 'stopped', 'failed', 'killed', 'stalled', 'completed'];
const SYSTEMS = ['vae', 'shapes-cnn', 'transformer', 'char-rnn', 'hr-attrition'] as const;
const START = Date.UTC(2026, 10, 30, 9);

/** Fields of every made system. */
export const fields: readonly ConfigField[] = [
  { path: 'training.epochs', type: 'integer', description: 'enough for the loss to settle', default: 10, min: 1 },
  {
    path: 'training.learningRate',
    type: 'number',
    description: "Adam's own default",
    default: 0.001,
    min: 0,
    presets: { small: 0.003 },
  },
  { path: 'training.seed', type: 'integer', description: 'any; three make a claim', default: 0, min: 0 },
  {
    path: 'training.optimizer',
    type: 'choice',
    description: 'as the paper',
    default: 'adam',
    choices: ['adam', 'sgd', 'adamw'],
  },
  { path: 'model.hiddenSizes', type: 'list', description: 'one layer more than the paper', default: [512, 256] },
  { path: 'model.isNormalized', type: 'boolean', description: 'faster at first, the same at the end', default: true },
];

export const systems: readonly SystemInfo[] = SYSTEMS.map((name) => ({
  name,
  description: `A system that was made for a test: ${name}.`,
  presets: ['small', 'paper'],
  fields,
  commands: ['train', 'evaluate', 'figures'],
  studies: name === 'vae' ? ['latents'] : [],
  hasDemo: name === 'vae',
}));

/** Row number `index` of made runs. */
export function makeRow(index: number): RunRow {
  const system = SYSTEMS[index % SYSTEMS.length]!;
  const seed = Math.floor(index / 60) % 3;
  const epochs = [10, 4, 20][Math.floor(index / 5) % 3]!;
  const rate = [0.001, 0.0003, 0.01, 0.003][Math.floor(index / 3) % 4]!;
  const curve = makeCurve(index, 'validation/loss', 40);
  const loss = curve.y.at(-1)!;
  const differs: Record<string, unknown> = {};
  if (epochs !== 10) differs['training.epochs'] = epochs;
  if (rate !== 0.001) differs['training.learningRate'] = rate;
  if (seed !== 0) differs['training.seed'] = seed;
  return {
    id: `${system}-${index}`,
    path: `${system}/2026-11-30-${index}`,
    system,
    name: `${system}-${index}`,
    preset: index % 4 === 0 ? 'small' : null,
    status: STATUSES[index % STATUSES.length]!,
    startedAt: START + index * 60_000,
    changedAt: START + index * 60_000 + 40_000,
    tookInSeconds: 40 + index * 7.3,
    step: 1000 + index,
    device: index % 2 === 0 ? 'CPU' : 'GPU:0',
    objective: { name: 'validation/loss', value: loss, isLowBetter: true },
    baseline: { name: 'mean of the training data', value: 0.62 },
    spark: curve.y,
    differs,
    metrics: { 'train/loss': loss * 0.9, 'validation/loss': loss, 'validation/accuracy': 1 - loss / 3 },
    study: index % 11 === 0 ? 'latents' : null,
    sweep: index % 4 === 1 ? 'sweep-3' : null,
    isStarred: index % 9 === 0,
    isPutAway: index % 17 === 16,
    note: index === 2 ? '<b>bold</b> & "quoted" note' : '',
    isForeign: index % 23 === 22,
    problems: index % 19 === 18 ? ['metrics.jsonl:14: expected a JSON object, found "nope"'] : [],
  };
}

/** A falling curve with noise of its own, one spike and one gap. */
export function makeCurve(index: number, name: string, points: number, to = 1000): CurveData {
  const x: number[] = [];
  const y: (number | null)[] = [];
  const isAccuracy = name.endsWith('accuracy');
  const shift = name.startsWith('validation') ? 0.06 : name.startsWith('test') ? 0.09 : 0;
  for (let at = 0; at < points; at++) {
    const part = at / Math.max(1, points - 1);
    const noise = Math.sin(at * 12.9898 + index * 78.233) * 43758.5453;
    const value = 0.3 + shift + Math.exp(-part * (3 + (index % 5))) + 0.05 * (noise - Math.floor(noise) - 0.5);
    x.push(Math.round(part * to));
    y.push(isAccuracy ? 1 - value / 2 : value);
  }
  if (points > 100) {
    y[Math.floor(points / 2)] = isAccuracy ? 0 : 2.5;
    y[Math.floor(points / 3)] = null;
  }
  const gaps = points > 100 ? [{ x: x[Math.floor(points / 3)]!, value: 'NaN' as const }] : [];
  return { name, x, y, smooth: null, gaps, total: points };
}

/** Smoothing by an exponential average, as the server does. */
export function smoothed(curve: CurveData, weight: number): CurveData {
  let average = 0;
  let correction = 1;
  const smooth = curve.y.map((value) => {
    if (value === null) return null;
    average = average * weight + value * (1 - weight);
    correction *= weight;
    return average / (1 - correction);
  });
  return { ...curve, smooth };
}

const CURVES = ['train/loss', 'validation/loss', 'test/loss', 'train/accuracy', 'validation/accuracy'] as const;

/** Detail of a made run; `charts` metrics more than those that it has anyway. */
export function makeDetail(row: RunRow, points: number, charts = 0): RunDetail {
  const names = [...CURVES, ...Array.from({ length: charts }, (_, index) => `train/term${index}`)];
  return {
    row,
    config: { training: { epochs: 10 } },
    fields: fields.map((field) => ({ ...field, value: row.differs[field.path] ?? field.default })),
    curves: names.map((name) => {
      const [split, metric] = name.split('/') as [string, string];
      return { name, split, metric, points: name.startsWith('train') ? points : 40, last: row.metrics[name] ?? 0.4 };
    }),
    baselines: { 'mean of the training data': { loss: 0.62 }, optimum: { loss: 0.25 } },
    metrics: { test: { loss: 0.41, accuracy: 0.9 } },
    figures: [
      { name: 'samples', steps: [100, 200, 300], format: 'svg', href: `api/figure/${row.id}/samples-{step}.svg` },
      { name: 'reconstructions', steps: [], format: 'svg', href: `api/figure/${row.id}/reconstructions.svg` },
    ],
    checkpoints: [
      { step: 500, bytes: 2_400_000, isBest: true, isLast: false },
      { step: 1000, bytes: 2_400_000, isBest: false, isLast: true },
    ],
    command: `pnpm --filter ${row.system} train --set training.epochs=4 --out runs/${row.name}`,
    resumeCommand: `pnpm --filter ${row.system} train --resume runs/${row.name}`,
    hasDemo: row.system === 'vae',
    hasReport: true,
    evaluations: { evaluate: { test: { loss: 0.41, accuracy: 0.9 } } },
  };
}
