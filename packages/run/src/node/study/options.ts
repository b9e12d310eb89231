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
    .option('--seeds <n>', "how many seeds, from 0 on (default: the study's)", count('--seeds', 1))
    .option(
      '--limit <n>',
      'no more runs than this now, the same command goes on; 0: tables and figures alone',
      count('--limit', 0),
    )
    .addOption(new Option('--parallel <n>', 'how many runs at a time').default(1).argParser(count('--parallel', 1)))
    .option('--plan', 'say which runs there are and how long they will take, and train nothing');
}
