import { Option, type Command } from 'commander';
import { parseCount } from '../commands/options.ts';

/** Options of `sweep` as parsed by commander, besides those of training. */
export interface SweepOptions {
  readonly grid?: readonly string[];
  readonly random?: readonly string[];
  readonly runs?: number;
  readonly parallel: number;
  readonly metric?: string;
  readonly maximize?: true;
  readonly sweepSeed: number;
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Adds the options of `sweep`, besides those of `train`. */
export function addSweepOptions(command: Command): void {
  const count = (flag: string, minimum: number) => (text: string) => parseCount(flag, text, minimum);
  command
    .option('--grid <key.path=a,b,c>', 'try each of these values, in every combination (repeatable)', collect)
    .option(
      '--random <key.path=low..high>',
      'draw a value for each run: low..high, log:low..high, or one of a,b,c (repeatable)',
      collect,
    )
    .option('--runs <n>', 'number of runs, with --random (default: 10)', count('--runs', 1))
    .addOption(new Option('--parallel <n>', 'number of runs at a time').default(1).argParser(count('--parallel', 1)))
    .option('--metric <split.name>', 'metric to compare, by its best value in each run (default: validation.loss)')
    .option('--maximize', 'higher values of the metric are better')
    .addOption(
      new Option('--sweep-seed <n>', 'seed of the random draws').default(0).argParser(count('--sweep-seed', 0)),
    );
}
