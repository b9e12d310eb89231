import { meanAndDeviation } from '@motley/run';
import type { Study, StudyColumn, StudyEnd } from '@motley/run/node';
import type { FoodVisionConfig } from './config.ts';
import { EMOJI_STYLES } from './sources/styles.ts';

const columns: StudyColumn<FoodVisionConfig>[] = [
  { heading: 'accuracy', metric: 'test.accuracy', digits: 3 },
  { heading: '95 % from', metric: 'test.accuracyLow', digits: 3 },
  { heading: 'to', metric: 'test.accuracyHigh', digits: 3 },
  { heading: 'of five', metric: 'test.accuracyOfFive', digits: 3 },
  { heading: 'loss (nats)', metric: 'test.loss', digits: 3 },
  { heading: 'ridge', value: ({ summary }) => summary.baselines.ridge?.accuracy, digits: 3 },
];

/** Prints the means over all runs of a tuning, with their spread. */
function printMeans({ runs, print }: StudyEnd<FoodVisionConfig>): Promise<void> {
  for (const tuning of ['head', 'all'] as const) {
    const own = runs.filter(({ config }) => config.model.tuning === tuning);
    if (own.length === 0) continue;
    const say = (name: string, values: readonly number[]) => {
      const { mean, standardDeviation, count } = meanAndDeviation(values);
      print(`${name}: ${mean.toFixed(3)} ± ${standardDeviation.toFixed(3)} over ${count} runs`);
    };
    say(
      tuning === 'head' ? 'head' : 'fine-tuned',
      own.map(({ summary }) => summary.metrics.test?.accuracy ?? NaN),
    );
    say(
      'ridge on the same',
      own.map(({ summary }) => summary.baselines.ridge?.accuracy ?? NaN),
    );
  }
  return Promise.resolve();
}

/** A style of emoji that tests, and the six others that train. */
const emoji: Study<FoodVisionConfig> = {
  description: 'emoji: each of the seven styles left out in turn, for 88 foods',
  seeds: 1,
  variants: Object.fromEntries(
    EMOJI_STYLES.flatMap((heldOutStyle) => [
      [
        `${heldOutStyle}-head`,
        {
          description: `${heldOutStyle}, head`,
          config: { data: { source: 'emoji' as const, heldOutStyle } },
          timeInMinutes: 1,
        },
      ],
      [
        `${heldOutStyle}-tuned`,
        {
          description: `${heldOutStyle}, fine-tuned`,
          preset: 'fine-tuned',
          config: { data: { source: 'emoji' as const, heldOutStyle } },
          timeInMinutes: 4,
        },
      ],
    ]),
  ),
  columns,
  baselineRows: false,
  finish: printMeans,
};

/** Seven folders of food, split anew by each seed. */
const openclipart: Study<FoodVisionConfig> = {
  description: 'openclipart: seven folders of drawn food, stratified splits by seed',
  seeds: 10,
  variants: {
    head: { description: 'head', config: { data: { source: 'openclipart' } }, timeInMinutes: 1 },
    tuned: {
      description: 'fine-tuned',
      preset: 'fine-tuned',
      config: { data: { source: 'openclipart' } },
      timeInMinutes: 3,
    },
    crop: {
      description: 'head, the middle alone',
      config: { data: { source: 'openclipart', framing: 'crop' } },
      timeInMinutes: 1,
    },
  },
  columns,
  baselineRows: false,
  finish: printMeans,
};

export const studies = { emoji, openclipart };
