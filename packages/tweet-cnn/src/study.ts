import type { Study } from '@motley/run/node';
import type { TweetCnnConfig } from './config.ts';

type Columns = Study<TweetCnnConfig>['columns'];

/** Percent of texts on the test part. */
const accuracy: Columns = [{ heading: 'accuracy, %', metric: 'test.accuracy', scale: 100, digits: 2 }];
const columns: Columns = [
  ...accuracy,
  { heading: 'loss, nats', metric: 'test.loss', digits: 4 },
  { heading: 'calibration error, %', metric: 'test.calibrationError', scale: 100, digits: 2 },
];
/** Those and distances from the exact posterior. */
const drawnColumns: Columns = [
  ...accuracy,
  { heading: 'party, %', metric: 'test.partyAccuracy', scale: 100, digits: 2 },
  { heading: 'loss, nats', metric: 'test.loss', digits: 4 },
  { heading: 'calibration error, %', metric: 'test.calibrationError', scale: 100, digits: 2 },
  { heading: 'from the posterior, nats', metric: 'test.divergenceFromPosterior', digits: 4 },
];

/** Maxima over time, which cannot add up, and sums, which can. */
export const pooling: Study<TweetCnnConfig> = {
  description: 'drawn tweets: maximum and sum over time, beside the exact posterior',
  variants: {
    kim: { description: 'as Kim published it: widths 3-5, max', preset: 'kim', timeInMinutes: 6 },
    max: { description: 'pairs, max', config: { model: { pooling: 'max' } }, timeInMinutes: 4 },
    sum: { description: 'pairs, sum', timeInMinutes: 4 },
    both: { description: 'pairs, both', config: { model: { pooling: 'both' } }, timeInMinutes: 5 },
  },
  columns: drawnColumns,
};

/** Kim's table 2 on Debian's fortunes. */
export const embeddings: Study<TweetCnnConfig> = {
  description: "topics of Debian's fortunes: Kim's four variants, with the vectors of all-MiniLM-L6-v2",
  variants: {
    random: { description: 'random', preset: 'fortunes', timeInMinutes: 2 },
    static: { description: 'static', preset: 'fortunes-minilm', timeInMinutes: 2 },
    'non-static': {
      description: 'non-static',
      preset: 'fortunes-minilm',
      config: { model: { embedding: 'non-static' } },
      timeInMinutes: 6,
    },
    multichannel: {
      description: 'multichannel',
      preset: 'fortunes-minilm',
      config: { model: { embedding: 'multichannel' } },
      timeInMinutes: 8,
    },
  },
  columns,
};

/** Splits by speaker beside random ones, which flatter. */
export const splits: Study<TweetCnnConfig> = {
  description: 'speeches: party of a sentence, whole presidents held out, and at random',
  variants: {
    speaker: { description: 'presidents held out', preset: 'speeches', timeInMinutes: 2 },
    random: {
      description: 'random split',
      preset: 'speeches',
      config: { data: { split: 'random' } },
      timeInMinutes: 2,
    },
  },
  columns,
};
