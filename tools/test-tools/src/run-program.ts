import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How a program ended. */
export interface Ended {
  /** The exit status; null where a signal ended it. */
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface ProgramOptions {
  /** Where it runs; by default where this process does. */
  readonly cwd?: string;
  /** Over this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Content of its standard input; by default there is none. */
  readonly input?: string | Uint8Array;
  /** Hears all that was written so far, on both streams, whenever there is more. */
  readonly onOutput?: (text: string, child: ChildProcess) => void;
}

/** Runs a TypeScript program of the workspace from its sources, in a process of its own, as users' scripts do. */
export function runProgram(
  file: string,
  argv: readonly string[],
  { cwd, environment, input, onOutput }: ProgramOptions = {},
): Promise<Ended> {
  const node = ['--conditions=@motley/source', '--import', import.meta.resolve('tsx')];
  const child = spawn(process.execPath, [...node, file, ...argv], {
    cwd,
    env: {
      ...process.env,
      // What pnpm says of the script that runs the tests is not meant for the program.
      INIT_CWD: undefined,
      npm_lifecycle_event: undefined,
      npm_lifecycle_script: undefined,
      TSX_TSCONFIG_PATH: tsconfigOf(file),
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A program that ends before it has read it all is no failure.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const texts = { output: '', errors: '' };
  const listen = (name: keyof typeof texts) => (chunk: Buffer) => {
    texts[name] += chunk.toString();
    onOutput?.(texts.output + texts.errors, child);
  };
  child.stdout.on('data', listen('output'));
  child.stderr.on('data', listen('errors'));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (status) => {
      resolve({ status, ...texts });
    });
  });
}

/** The package's own, wherever the program runs. */
function tsconfigOf(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = join(folder, 'tsconfig.json');
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) throw new Error(`${file}: expected a tsconfig.json in a folder above, found none`);
  }
}
