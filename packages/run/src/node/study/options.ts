import { Option, type Command } from 'commander';
import { parseCount } from '../commands/options.ts';

/** Options of `study` as parsed by commander, besides those of training. */
export interface StudyOptions {
  readonly seeds?: number;
  readonly limit?: number;
  readonly parallel: number;
  readonly plan?: true;
}

/** Adds the options of `study`, besides those of `train`. */
export function addStudyOptions(command: Command): void {
  const count = (flag: string, minimum: number) => (text: string) => parseCount(flag, text, minimum);
  command
    .option('--seeds <n>', 'number of seeds, from 0 on (default: that of the study)', count('--seeds', 1))
    .option(
      '--limit <n>',
      'maximum number of runs for now; repeat the command to continue; 0 writes tables and figures only',
      count('--limit', 0),
    )
    .addOption(new Option('--parallel <n>', 'number of runs at a time').default(1).argParser(count('--parallel', 1)))
    .option('--plan', 'print the planned runs and their expected time, and train nothing');
}
