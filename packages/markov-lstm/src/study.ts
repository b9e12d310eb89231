import type { Study } from '@motley/run/node';
import type { MarkovConfig } from './config.ts';
import { delayFigure, optimumOf } from './figures.ts';

const DELAYS = [1, 2, 5, 10, 20, 50, 100, 200] as const;
/** Longest delay that other initializations are trained with; beyond it a training takes long. */
const LONGEST_COMPARED_DELAY = 50;
/** Approximate number of symbols in a batch: windows grow with the delay. */
const BATCH_SYMBOLS = 2000;
const SMALLEST_BATCH = 8;

/**
 * One variant for each initialization and delay: enough units for the delay, and windows of twice the delay and more.
 */
function variantsByDelay(): Study<MarkovConfig>['variants'] {
  const variants = (['cyclic', 'chrono', 'pytorch'] as const).flatMap((initialization) => {
    const isCyclic = initialization === 'cyclic';
    return DELAYS.filter((delay) => isCyclic || delay <= LONGEST_COMPARED_DELAY).map((delay) => {
      const window = 2 * delay + 30;
      const units = Math.max(16, Math.ceil((1.12 * delay) / 8) * 8);
      const batchSize = Math.max(SMALLEST_BATCH, Math.round(BATCH_SYMBOLS / window));
      // The default rates preserve an initial memory, which the others do not have.
      const rates = isCyclic ? {} : { headRateFactor: 1, learningRate: 3e-3 };
      const variant = {
        description: `${initialization} initialization, ${delay}`,
        config: {
          data: { delay },
          model: { initialization, window, units },
          training: { batchSize, ...rates },
        },
        ...(!isCyclic && { seeds: 1 }),
        timeInMinutes: delay > LONGEST_COMPARED_DELAY ? 1 : 0.3,
      };
      return [`${initialization}-${delay}`, variant] as const;
    });
  });
  return Object.fromEntries(variants);
}

/** Three initializations against the delay. */
export const delays: Study<MarkovConfig> = {
  description: 'how long a delay each initialization can learn',
  variants: variantsByDelay(),
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
