import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { LibraryError } from '../errors.ts';
import { pythonCommands } from '../python.ts';
import { noSpace } from './disk.ts';

/** A command that behaves like pip: `['python3', '-m', 'pip']`. */
export type PipCommand = readonly [string, ...string[]];

/** The first pip that runs, or uv's; undefined where this machine has none. */
export function findPip(): PipCommand | undefined {
  const candidates: PipCommand[] = [
    ...pythonCommands().map((python): PipCommand => [python, '-m', 'pip']),
    ['pip3'],
    ['pip'],
    ['uv', 'tool', 'run', 'pip'],
    ['uvx', 'pip'],
  ];
  return candidates.find(
    ([command, ...rest]) =>
      spawnSync(command, [...rest, '--version'], { stdio: 'ignore', timeout: 60_000, windowsHide: true }).status === 0,
  );
}

export interface DownloadOptions {
  /** Requirements, `tensorflow-cpu==2.21.0`. */
  requirements: readonly string[];
  pythonVersions: readonly string[];
  platforms: readonly string[];
  /** Folder for the wheels; made if absent. */
  folder: string;
  /** Folder for pip's own temporary files. */
  temporaryFolder: string;
  /** Called with the size of a download before its bytes arrive. Throwing stops pip. */
  onSize?: (file: string, bytes: number) => Promise<void>;
  /** Called with the received bytes of the current download. */
  onBytes?: (bytes: number) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Downloads wheels without their dependencies. It tries the Python versions in turn until one has them.
 *
 * @returns the wheels' paths and their Python version
 * @throws LibraryError `no-network`, `no-space` or `download-failed`
 */
export async function pipDownload(
  pip: PipCommand,
  options: DownloadOptions,
): Promise<{ wheels: string[]; pythonVersion: string }> {
  let last = '';
  for (const pythonVersion of options.pythonVersions) {
    const { ok, output } = await runPip(pip, options, pythonVersion);
    if (ok) {
      const names = await readdir(options.folder);
      return {
        wheels: names.filter((name) => name.endsWith('.whl')).map((name) => join(options.folder, name)),
        pythonVersion,
      };
    }
    // The available versions, of the first Python version that has any.
    if (!/No matching distribution|Could not find a version/.test(output)) throw explain(output, options);
    if (/NewConnectionError|NameResolutionError|connection broken|Max retries/i.test(output))
      throw explain(output, options);
    last = /from versions: (?!none)/.test(output) || last === '' ? output : last;
  }
  throw explain(last, options);
}

async function runPip(
  [command, ...rest]: PipCommand,
  options: DownloadOptions,
  pythonVersion: string,
): Promise<{ ok: boolean; output: string }> {
  await mkdir(options.temporaryFolder, { recursive: true });
  const flags = ['--no-deps', '--only-binary=:all:', '--implementation', 'cp', '--python-version', pythonVersion];
  const platforms = options.platforms.flatMap((platform) => ['--platform', platform]);
  // Without a retry, pip does not report that the connection failed.
  const quiet = [
    '--retries',
    '2',
    '--no-input',
    '--progress-bar',
    'off',
    '--no-cache-dir',
    '--disable-pip-version-check',
  ];
  const child = spawn(
    command,
    [...rest, 'download', ...flags, ...platforms, ...quiet, '--dest', options.folder, ...options.requirements],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that it can be stopped as a whole: pip may run below a shim (pyenv) or uv.
      detached: process.platform !== 'win32',
      windowsHide: true,
      env: {
        ...process.env,
        PIP_REQUIRE_VIRTUALENV: 'false',
        PYTHONUNBUFFERED: '1',
        ...Object.fromEntries(['TMPDIR', 'TEMP', 'TMP'].map((name) => [name, options.temporaryFolder])),
      },
    },
  );
  let output = '';
  let failure: unknown;
  const stop = (reason: unknown) => {
    failure ??= reason;
    stopGroup(child);
  };
  const onAbort = () => {
    stop(options.signal?.reason);
  };
  const onLine = (line: string) => {
    output = `${output}${line}\n`.slice(-65_536);
    const size = downloadSize(line);
    if (size) options.onSize?.(size.file, size.bytes).catch(stop);
  };
  createInterface({ input: child.stdout }).on('line', onLine);
  createInterface({ input: child.stderr }).on('line', onLine);
  const watch = setInterval(() => {
    void bytesUnder(options.temporaryFolder).then((bytes) => options.onBytes?.(bytes));
  }, 200);
  options.signal?.addEventListener('abort', onAbort);
  if (options.signal?.aborted) onAbort();
  try {
    // pip has to end first, or it would write into a folder that is being removed.
    const exit = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (failure !== undefined) throw failure as Error;
    return { ok: exit === 0, output };
  } finally {
    clearInterval(watch);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

function stopGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
  else process.kill(-child.pid, 'SIGTERM');
}

const UNIT_BYTES: Record<string, number> = { bytes: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 };

/** Parses pip's line `Downloading tensorflow_cpu-2.21.0-….whl (273.8 MB)` or `Processing /a/local.whl`. */
function downloadSize(line: string): { file: string; bytes: number } | undefined {
  const local = /^\s*Processing (.*\.whl)$/.exec(line)?.[1];
  const bytes = local && statSync(local, { throwIfNoEntry: false })?.size;
  if (bytes) return { file: basename(local), bytes };
  const match = /^\s*Downloading (?:\S*\/)?([^/\s]+\.whl)\S* \(([\d.]+) (bytes|kB|KB|MB|GB)\)/.exec(line);
  if (!match) return undefined;
  return { file: match[1]!, bytes: Math.round(Number(match[2]) * UNIT_BYTES[match[3]!]!) };
}

/** Total size of the wheels that pip is writing anywhere below its temporary folder. */
async function bytesUnder(folder: string): Promise<number> {
  let bytes = 0;
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names)
    if (name.endsWith('.whl'))
      bytes += await stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      );
  return bytes;
}

function explain(output: string, options: DownloadOptions): LibraryError {
  const what = options.requirements.join(' ');
  if (/No space left on device|\[Errno 28\]|Disk quota exceeded/.test(output)) return noSpace(options.folder);
  if (/NewConnectionError|NameResolutionError|connection broken|Max retries|timed? ?out/i.test(output))
    return new LibraryError('no-network', `cannot download ${what}: no connection to the package index`);
  const offered = /\(from versions: ([^)]*)\)/.exec(output)?.[1];
  if (offered !== undefined && offered !== 'none')
    return new LibraryError(
      'download-failed',
      `pip finds no ${what} for ${process.platform}-${process.arch}; it offers ${offered.split(', ').slice(-6).join(', ')}`,
    );
  const lines = output.split('\n').filter((line) => /^(ERROR|error)/.test(line));
  const reason = lines.at(-1)?.replace(/^\S+\s*/, '') ?? output.trim().split('\n').at(-1) ?? '';
  return new LibraryError('download-failed', `pip cannot download ${what}: ${reason}`);
}
