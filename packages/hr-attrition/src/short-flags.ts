import { UserError } from '@motley/run';

/** Commands that begin a training. */
const COMMANDS = ['train', 'sweep'];
/** Short flags and the fields that they set. */
const SHORT_FLAGS: Readonly<Record<string, string>> = {
  '--target': 'data.target',
  '--task': 'data.task',
  '--positive': 'data.positive',
};

/**
 * Replaces `--target`, `--task` and `--positive` by `--set`.
 * @throws UserError where a flag has no value
 */
export function withShortFlags(argv: readonly string[]): string[] {
  if (!COMMANDS.includes(argv[0] ?? '')) return [...argv];
  const result: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const [, flag = '', own] = /^(--[a-z]+)(?:=(.*))?$/s.exec(argv[index]!) ?? [];
    const field = Object.hasOwn(SHORT_FLAGS, flag) ? SHORT_FLAGS[flag] : undefined;
    if (field === undefined) {
      result.push(argv[index]!);
      continue;
    }
    const value = own ?? argv[++index];
    if (value === undefined || value === '' || value.startsWith('--'))
      throw new UserError(`${flag}: expected a value, got none`);
    result.push('--set', `${field}=${value}`);
  }
  return result;
}
