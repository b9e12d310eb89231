import { UserError } from '@motley/run';

/** Short flags and the fields that they set; a target selects the problem csv. */
const SHORT_FLAGS: Readonly<Record<string, (value: string) => readonly string[]>> = {
  '--target': (value) => ['data.problem=csv', `data.target=${value}`],
  '--time': (value) => [`data.time=${value}`],
  '--horizon': (value) => [`model.horizon=${value}`],
  '--gaps': (value) => [`data.gaps=${value}`],
  '--duplicates': (value) => [`data.duplicates=${value}`],
  '--frequency': (value) => [`data.frequency=${value}`],
};

/**
 * Replaces `--target y`, `--time t`, `--horizon n`, `--gaps rule`, `--duplicates rule` and `--frequency name` by `--set`
 * arguments.
 * @throws UserError where a flag has no value
 */
export function withShortFlags(argv: readonly string[]): string[] {
  const result: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const [, flag = '', own] = /^(--[a-z]+)(?:=(.*))?$/s.exec(argv[index]!) ?? [];
    const settings = Object.hasOwn(SHORT_FLAGS, flag) ? SHORT_FLAGS[flag] : undefined;
    if (settings === undefined) {
      result.push(argv[index]!);
      continue;
    }
    const value = own ?? argv[++index];
    if (value === undefined || value === '') throw new UserError(`${flag}: expected a value, got none`);
    for (const setting of settings(value)) result.push('--set', setting);
  }
  return result;
}
