import { meanAndDeviation } from '@motley/run';
import { type Figure, lineChart, type Study, type StudyRun } from '@motley/run/node';
import type { ForecastConfig } from './config.ts';

type Run = StudyRun<ForecastConfig>;
type Variants = Study<ForecastConfig>['variants'];

const errors: Study<ForecastConfig>['columns'] = [
  { heading: 'RMSE', metric: 'test.rmse' },
  { heading: 'MAE', metric: 'test.mae' },
  { heading: 'RMSE 1 step ahead', metric: 'test.rmseAt1' },
  { heading: '6', metric: 'test.rmseAt6' },
  { heading: '12', metric: 'test.rmseAt12' },
  { heading: '24', metric: 'test.rmseAt24' },
  { heading: 'within 90 %', metric: 'test.coverage90', scale: 100, digits: 1 },
  { heading: 'within 50 %', metric: 'test.coverage50', scale: 100, digits: 1 },
];

const DELAYS = [1, 2, 5, 10, 20, 50, 100, 200] as const;
/** Beyond it a training costs more than a comparison of starts is worth. */
const LONGEST_COMPARED = 50;
/** Symbols in a batch, about: windows are longer where the delay is. */
const BATCH_SYMBOLS = 2000;
const SMALLEST_BATCH = 8;

/** Of every start and delay: a memory that the delay fits into, and windows of twice the delay and more. */
function delays(): Variants {
  const variants = (['cyclic', 'chrono', 'pytorch'] as const).flatMap((initialization) =>
    DELAYS.filter((delay) => initialization === 'cyclic' || delay <= LONGEST_COMPARED).map((delay) => {
      const window = 2 * delay + 30;
      const units = Math.max(16, Math.ceil((1.12 * delay) / 8) * 8);
      const batchSize = Math.max(SMALLEST_BATCH, Math.round(BATCH_SYMBOLS / window));
      // The preset's rates are for a memory that is there from the start.
      const isMemory = initialization === 'cyclic';
      const variant = {
        description: `${initialization} start, ${delay}`,
        preset: 'markov',
        config: {
          data: { delay },
          model: { initialization, window, units },
          loss: isMemory ? {} : { headRateFactor: 1 },
          training: { batchSize, ...(!isMemory && { learningRate: 3e-3 }) },
        },
        ...(!isMemory && { seeds: 1 }),
        timeInMinutes: delay > LONGEST_COMPARED ? 1 : 0.3,
      };
      return [`${initialization}-${delay}`, variant] as const;
    }),
  );
  return Object.fromEntries(variants);
}

const optimumOf = ({ summary }: Run, metric: string): number => summary.baselines.optimum![metric]!;

/** How far the memory of a symbol that matters reaches. */
export const markov: Study<ForecastConfig> = {
  description: 'the next symbol depends on the one so many steps ago',
  variants: delays(),
  columns: [
    { heading: 'accuracy, %', metric: 'test.accuracy', scale: 100, digits: 2 },
    { heading: 'nats', metric: 'test.loss', digits: 4 },
    {
      heading: 'points below the optimum',
      value: (run) => optimumOf(run, 'accuracy') - run.summary.metrics.test!.accuracy!,
      scale: 100,
      digits: 3,
    },
    {
      heading: 'nats above it',
      value: (run) => run.summary.metrics.test!.loss! - optimumOf(run, 'loss'),
      digits: 4,
    },
  ],
  async finish({ runs, writeFigure }) {
    await writeFigure('accuracy-by-delay', delayFigure(runs, 'accuracy'));
    await writeFigure('excess-nats-by-delay', delayFigure(runs, 'loss'));
  },
};

/** Means over seeds against the delay, of each start, with what is easy and what is possible. */
function delayFigure(runs: readonly Run[], metric: 'accuracy' | 'loss'): Figure {
  const isLoss = metric === 'loss';
  const shown = (value: number, run: Run): number => (isLoss ? value - optimumOf(run, metric) : 100 * value);
  const line = (name: string, own: readonly Run[], valueOf: (run: Run) => number, dashed = false) => ({
    name,
    points: DELAYS.flatMap((delay) => {
      const values = own.filter(({ config }) => config.data.delay === delay).map((run) => shown(valueOf(run), run));
      return values.length === 0 ? [] : [[delay, meanAndDeviation(values).mean] as const];
    }),
    dashed,
  });
  const starts = [...new Set(runs.map(({ config }) => config.model.initialization))];
  const others = isLoss ? ['linear', 'persistence'] : ['optimum', 'linear', 'persistence'];
  return lineChart({
    title: isLoss ? 'Markov series: nats above the optimum' : 'Markov series: accuracy',
    subtitle: 'test part; the linear model reads 24 symbols; the optimum knows the generator',
    xName: 'delay (steps)',
    yName: isLoss ? 'cross-entropy above the optimum (nats)' : 'accuracy (%)',
    lines: [
      ...starts.map((start) => {
        const own = runs.filter(({ config }) => config.model.initialization === start);
        return line(`LSTM, ${start} start`, own, ({ summary }) => summary.metrics.test![metric]!);
      }),
      ...others.map((name) => line(name, runs, ({ summary }) => summary.baselines[name]![metric]!, true)),
    ],
  });
}

export const grid: Study<ForecastConfig> = {
  description: 'imbalance of a generated power region, 24 steps of five minutes',
  variants: {
    'power-grid': { description: 'LSTM', preset: 'power-grid' },
    'lag-noise': {
      description: 'LSTM, noise on the lag',
      preset: 'power-grid',
      config: { loss: { lagNoise: 0.1 } },
    },
    altered: { description: 'LSTM, without the structural imbalance', preset: 'power-grid-altered' },
  },
  columns: errors,
};

/** 90 days that no figure was taken on before the protocol was written down: each month after all that came before it. */
const MONTHS = {
  'june-july': [195, '2014-07-15'],
  'july-august': [225, '2014-08-14'],
  'august-september': [255, '2014-09-13'],
} as const;
const MONTH_IN_DAYS = 30;

/** A month to test on, the month before it to choose the weights by, and all that was before that to learn from. */
export const demand: Study<ForecastConfig> = {
  description: 'half-hourly demand of Victoria, half a day ahead, three months one after the other',
  variants: Object.fromEntries(
    Object.entries(MONTHS).map(([name, [days, until]]) => {
      const share = MONTH_IN_DAYS / days;
      const config = { data: { until, validationShare: share, testShare: share } };
      return [name, { description: `LSTM, the 30 days until ${until}`, preset: 'demand', config }];
    }),
  ),
  columns: errors,
};

export const stock: Study<ForecastConfig> = {
  description: "the NASDAQ composite's volume, a day ahead and 50 days at once",
  variants: {
    stock: { description: 'LSTM, one day ahead', preset: 'stock' },
    'stock-50': { description: 'LSTM, 50 days at once', preset: 'stock-50' },
  },
  columns: [{ heading: 'MSE (scaled)', metric: 'test.scaledMse', digits: 5 }, ...errors.slice(0, 2)],
};

export const autoregressive: Study<ForecastConfig> = {
  description: 'AR(1), whose optimal error h steps ahead is σ √((1 - φ²ʰ) / (1 - φ²))',
  variants: { autoregressive: { description: 'LSTM', preset: 'autoregressive' } },
  columns: errors,
};
