import { DATA_CLASSES } from '../trees.ts';

/** One training of the study, as the command line takes it. */
export interface Piece {
  /** `batch-64-seed-1`: its folder. */
  readonly name: string;
  /** Pieces of one variant differ by their seed. */
  readonly variant: string;
  readonly description: string;
  readonly arguments: readonly string[];
}

const SEEDS = [0, 1, 2];

const set = (assignment: string): string[] => ['--set', assignment];
/** One branch that all digits go through. */
const plain = set(`data.groups=${JSON.stringify({ all: DATA_CLASSES.mnist.classNames })}`);
const batchNorm = [...plain, ...set('model.normalization=batch')];
const batch64 = ['--preset', 'mnist-64'];
const batch2 = ['--batch-size', '2', '--learning-rate', '2e-3', ...set('training.stepsPerCall=50')];

interface Variant {
  readonly description: string;
  readonly arguments: readonly string[];
}

/** What is compared, all on MNIST, for as many epochs, with learning rates in proportion to the batch. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  'batch-1': { description: 'branches, GN + WS, batch 1', arguments: [] },
  'batch-64': { description: 'branches, GN + WS, batch 64', arguments: batch64 },
  'plain-1': { description: 'plain, GN + WS, batch 1', arguments: plain },
  'plain-64': { description: 'plain, GN + WS, batch 64', arguments: [...batch64, ...plain] },
  'plain-half-64': {
    description: 'plain with a trunk of half the channels, GN + WS, batch 64',
    arguments: [...batch64, ...plain, ...set('model.trunkChannels=8,16,32')],
  },
  'narrow-64': {
    description: 'branches of 16 channels, GN + WS, batch 64',
    arguments: [...batch64, ...set('model.branchChannels=16')],
  },
  'batch-norm-1': { description: 'plain, batch norm, batch 1', arguments: batchNorm },
  'batch-norm-2': { description: 'plain, batch norm, batch 2', arguments: [...batchNorm, ...batch2] },
  'batch-norm-64': { description: 'plain, batch norm, batch 64', arguments: [...batch64, ...batchNorm] },
};

/** Every training of the study, seed by seed, so that what is there first says most. */
export const PIECES: readonly Piece[] = SEEDS.flatMap((seed) =>
  Object.entries(VARIANTS).map(([variant, { description, arguments: given }]) => ({
    name: `${variant}-seed-${seed}`,
    variant,
    description,
    arguments: [...given, '--seed', String(seed)],
  })),
);
