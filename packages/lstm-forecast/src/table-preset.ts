import { userPath } from '@motley/run/node';
import { isPowerGridFile } from './series/power-grid-files.ts';

/** Commands that begin a training. */
const COMMANDS = ['train', 'sweep'];
/** Arguments that choose the settings, so that none are suggested. */
const CHOICES = ['--preset', '--config', '--resume'];

/**
 * Adds `--preset csv` to a new training on a user's table: one with `--target`, or `--data` other than the file that
 * the default preset reads.
 * @throws UserError where the table cannot be read
 */
export async function withTablePreset(argv: readonly string[]): Promise<readonly string[]> {
  const [command = ''] = argv;
  const has = (flag: string): boolean => argv.some((argument) => argument === flag || argument.startsWith(`${flag}=`));
  const setsProblem = argv.some((argument) => /^(--set=)?data\.problem=/.test(argument));
  if (!COMMANDS.includes(command) || setsProblem || CHOICES.some(has)) return argv;
  const path = valueOf(argv, '--data');
  const isTable = has('--target') || (path !== undefined && !(await isPowerGridFile(userPath(path, command))));
  return isTable ? [command, '--preset', 'csv', ...argv.slice(1)] : argv;
}

function valueOf(argv: readonly string[], flag: string): string | undefined {
  const at = argv.findIndex((argument) => argument === flag || argument.startsWith(`${flag}=`));
  return at < 0 ? undefined : argv[at] === flag ? argv[at + 1] : argv[at]!.slice(flag.length + 1);
}
