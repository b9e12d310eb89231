import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '@motley/core/scratch';
import { config, type ScratchConfig } from './config.ts';

/** What the commands take that need no run: the record to start from. */
export const OPTIONS = {
  preset: { type: 'string' },
  config: { type: 'string' },
  set: { type: 'string', multiple: true },
  seed: { type: 'string' },
} as const;

/** The values of `OPTIONS` on a command line. */
export interface RecordOptions {
  readonly preset?: string | undefined;
  readonly config?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly seed?: string | undefined;
}

/**
 * The configuration that a command line names.
 * @throws UserError naming the flag, the file or the key
 */
export async function settingsOf({ preset, config: file, set = [], seed }: RecordOptions): Promise<ScratchConfig> {
  const seeds = seed === undefined ? [] : [{ flag: '--seed', path: 'training.seed', text: seed }];
  const path = file === undefined ? undefined : userPath(file);
  return config.resolve({
    preset,
    set: [...set, ...seeds],
    ...(path !== undefined && { file: { name: path, text: await readText(path) } }),
  });
}

/** A path as the user meant it: pnpm runs a package's script in the package's folder, and says where the user was. */
export function userPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UserError(`${path}: expected a configuration in JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws UserError where the text is no whole number from 1 to `most` */
export function count(flag: string, text: string | undefined, otherwise: number, most: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (text !== undefined && (!/^\d{1,9}$/.test(text) || value < 1 || value > most))
    throw new UserError(`${flag}: expected a whole number from 1 to ${most}, got "${text}"`);
  return value;
}

/**
 * Runs a command, or prints its help.
 * @returns the exit status: 0 done; 1 it failed; 2 bad arguments
 */
export async function runTool(help: string, run: (argv: string[]) => Promise<void>): Promise<number> {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  try {
    await run(argv);
    return 0;
  } catch (error) {
    const { message, code = '' } = error as NodeJS.ErrnoException;
    process.stderr.write(`${message.replaceAll('\n', ' ')}\n`);
    return error instanceof UserError || code.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
  }
}
