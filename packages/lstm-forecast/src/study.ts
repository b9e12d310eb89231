import type { Study } from '@motley/run/node';
import type { ForecastConfig } from './config.ts';

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

export const grid: Study<ForecastConfig> = {
  description: 'imbalance of a generated power grid region, 24 steps of five minutes',
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

/** Three test months, each with the number of days up to its end: docs/results.md has the protocol. */
const MONTHS = {
  'june-july': [195, '2014-07-15'],
  'july-august': [225, '2014-08-14'],
  'august-september': [255, '2014-09-13'],
} as const;
const MONTH_IN_DAYS = 30;

/** Each test month follows a validation month; everything before those is the training part. */
export const demand: Study<ForecastConfig> = {
  description: 'half-hourly demand of Victoria, half a day ahead, in three consecutive months',
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

export { real } from './study-real.ts';
