import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { access, constants, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { UserError } from '@motley/run';
import type { TrainerPaths } from './training-files.ts';

/** Programs of the recognizer on this machine. */
export interface HmmTools {
  readonly paths: TrainerPaths;
  readonly perl: string;
  /** `sphinx_fe`, which computes cepstra. */
  readonly features: string;
  /** `pocketsphinx_batch`. */
  readonly decoder: string;
}

const PACKAGES = 'sphinxtrain sphinxbase-utils pocketsphinx';
const LIBRARY_FOLDERS = ['/usr/lib', '/usr/libexec', '/usr/local/lib', '/usr/local/libexec'];

/**
 * Finds sphinxtrain, its front end and its decoder.
 * @throws UserError naming what is missing, and Debian's packages
 */
export async function findHmmTools(): Promise<HmmTools> {
  const folders = await trainerFolders();
  const [scripts, programs, perl, features, decoder] = await Promise.all([
    first(
      folders.map((folder) => join(folder, 'scripts')),
      '50.cd_hmm_tied/slave_convg.pl',
    ),
    first(folders, 'bw'),
    ...['perl', 'sphinx_fe', 'pocketsphinx_batch'].map((program) => onPath(program)),
  ]);
  const found = { 'sphinxtrain (scripts)': scripts, 'sphinxtrain (bw)': programs, perl, sphinx_fe: features };
  const missing = Object.entries({ ...found, pocketsphinx_batch: decoder }).filter(([, path]) => path === undefined);
  if (missing.length > 0)
    throw new UserError(
      `hmm: expected sphinxtrain and pocketsphinx, found no ${missing.map(([name]) => name).join(', ')}; ` +
        `on Debian: apt-get install ${PACKAGES}`,
    );
  return {
    paths: { scripts: scripts!, programs: programs! },
    perl: perl!,
    features: features!,
    decoder: decoder!,
  };
}

/** Folders named sphinxtrain: below the library folders, and those of a machine's architecture. */
async function trainerFolders(): Promise<string[]> {
  const lists = await Promise.all(
    LIBRARY_FOLDERS.map(async (folder) => {
      const names = await readdir(folder).catch(() => []);
      const machines = names.filter((name) => name.includes('-linux-'));
      return [folder, ...machines.map((name) => join(folder, name))].map((each) => join(each, 'sphinxtrain'));
    }),
  );
  return lists.flat();
}

function onPath(program: string): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return first(folders, program).then((folder) => (folder === undefined ? undefined : join(folder, program)));
}

/** The first folder with a file. */
async function first(folders: readonly string[], file: string): Promise<string | undefined> {
  for (const folder of folders) if (await access(join(folder, file), constants.R_OK).then(...truth)) return folder;
  return undefined;
}

const truth = [() => true, () => false] as const;

export interface ToolCall {
  /** Folder to run in. */
  readonly folder: string;
  /** File for what the program says. */
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
}

/** The trainer's scripts say so, and then wait for ever. */
const FAILURE = /^ERROR: .*failed to run|^ERROR: Training failed/mu;

/**
 * Runs a program, and keeps what it says in a file.
 * @throws Error with the last line that it said, where it fails
 */
export async function runTool(
  program: string,
  args: readonly string[],
  { folder, log, signal }: ToolCall,
): Promise<void> {
  signal?.throwIfAborted();
  const output = createWriteStream(log);
  const status = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: folder,
      // The trainer's scripts load files of the working folder, which Perl does only if asked.
      env: { ...process.env, PERL_USE_UNSAFE_INC: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
    });
    child.stdout.pipe(output, { end: false });
    child.stderr.pipe(output, { end: false });
    child.stdout.on('data', (said: Buffer) => {
      if (FAILURE.test(said.toString())) child.kill();
    });
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => new Promise<void>((resolve) => output.end(resolve)));
  if (status !== 0) throw new Error(`hmm: ${program} ended with ${status}: ${await lastLine(log)} (${log})`);
}

async function lastLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim().split('\n').at(-1)!.trim();
}
