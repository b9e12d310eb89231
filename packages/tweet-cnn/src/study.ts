import type { Study } from '@motley/run/node';
import type { TweetCnnConfig } from './config.ts';

/** Percent of texts, and distances in nats, on the test part. */
const columns: Study<TweetCnnConfig>['columns'] = [
  { heading: 'accuracy, %', metric: 'test.accuracy', scale: 100, digits: 2 },
  { heading: 'party, %', metric: 'test.partyAccuracy', scale: 100, digits: 2 },
  { heading: 'loss, nats', metric: 'test.loss', digits: 4 },
  { heading: 'calibration error, %', metric: 'test.calibrationError', scale: 100, digits: 2 },
  { heading: 'from the posterior, nats', metric: 'test.divergenceFromPosterior', digits: 4 },
];

/** What a maximum over time cannot add up, and a sum can. */
export const pooling: Study<TweetCnnConfig> = {
  description: 'drawn tweets: maximum and sum over time, beside the exact posterior',
  variants: {
    kim: { description: 'as Kim published it: widths 3-5, max', preset: 'kim', timeInMinutes: 3 },
    max: { description: 'widths 2-5, max', timeInMinutes: 3 },
    sum: { description: 'widths 2-5, sum', config: { model: { pooling: 'sum' } }, timeInMinutes: 3 },
    both: { description: 'widths 2-5, both', config: { model: { pooling: 'both' } }, timeInMinutes: 3 },
  },
  columns,
};
