/** One training of a study: those of one group differ by their seed alone. */
export interface StudyRun {
  readonly group: string;
  readonly seed: number;
  readonly argv: readonly string[];
  /** Where it is on a curve: the delay. */
  readonly x?: number;
}

const DELAYS = [1, 2, 5, 10, 20, 50, 100, 200] as const;
/** Beyond it a training costs more than a comparison of starts is worth. */
const LONGEST_USUAL_DELAY = 50;

export const STUDIES = ['markov', 'grid', 'demand', 'stock', 'autoregressive'] as const;
export type StudyName = (typeof STUDIES)[number];

/** The trainings of a study, the cheapest first. */
export function runsOf(study: StudyName, seeds: number): StudyRun[] {
  const each = (group: string, argv: readonly string[], x?: number): StudyRun[] =>
    Array.from({ length: seeds }, (_, seed) => ({ group, seed, argv, ...(x !== undefined && { x }) }));
  switch (study) {
    case 'markov':
      return DELAYS.flatMap((delay) => [
        ...each('cyclic', markov(delay, 'cyclic'), delay),
        ...(delay > LONGEST_USUAL_DELAY
          ? []
          : ['chrono', 'pytorch'].map((kind) => ({ group: kind, seed: 0, argv: markov(delay, kind), x: delay }))),
      ]);
    case 'grid':
      return [
        ...each('power-grid', ['--preset', 'power-grid']),
        ...each('power-grid-altered', ['--preset', 'power-grid-altered']),
        {
          group: 'power-grid, noise on the lag 0.1',
          seed: 0,
          argv: ['--preset', 'power-grid', '--set', 'loss.lagNoise=0.1'],
        },
      ];
    case 'demand':
      return each('demand', ['--preset', 'demand']);
    case 'stock':
      return [...each('stock', ['--preset', 'stock']), ...each('stock-50', ['--preset', 'stock-50'])];
    case 'autoregressive':
      return each('autoregressive', ['--preset', 'autoregressive']);
  }
}

/** Symbols in a batch, about: windows are longer where the delay is. */
const BATCH_SYMBOLS = 2000;
const SMALLEST_BATCH = 8;

/** A memory that the delay fits into, and windows of twice the delay and more. */
function markov(delay: number, initialization: string): string[] {
  const window = 2 * delay + 30;
  const settings = {
    'data.delay': delay,
    'model.initialization': initialization,
    'model.units': Math.max(16, Math.ceil((1.12 * delay) / 8) * 8),
    'model.window': window,
    'training.batchSize': Math.max(SMALLEST_BATCH, Math.round(BATCH_SYMBOLS / window)),
    // The preset's rates are for a memory that is there from the start.
    ...(initialization !== 'cyclic' && { 'loss.headRateFactor': 1, 'training.learningRate': 3e-3 }),
  };
  return ['--preset', 'markov', ...Object.entries(settings).flatMap(([path, value]) => ['--set', `${path}=${value}`])];
}
