import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '@motley/tensorflow/library';

const requirements = join(import.meta.dirname, 'requirements.txt');
const environment = join(dirname(cacheFolder()), 'test-tools');
const mark = join(environment, 'installed');
const lock = `${environment}.lock`;
const POLL_IN_MS = 200;

/** Whether the tools can be had: where there is no Python, their tests are skipped, except where nothing may be. */
export const hasPython =
  process.env.MOTLEY_REQUIRE_TENSORFLOW === '1' || spawnSync('python3', ['--version']).status === 0;

/** Installing takes a minute or two, once on a machine. */
export const PYTHON_TIMEOUT_IN_MS = 600_000;

/** The path of a Python that has NumPy. */
export function python(): string {
  return pythonTool('python');
}

/**
 * The path of a program of the tests' own Python environment (TensorBoard, MLflow, Weights & Biases), which is made the
 * first time: whole or not at all, and by one process of those that want it.
 * @throws Error with pip's reason where it cannot be had
 */
export function pythonTool(name: 'python' | 'tensorboard' | 'mlflow' | 'wandb'): string {
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const isInstalled = (): boolean => existsSync(mark) && readFileSync(mark, 'utf8') === wanted;
  while (!isInstalled()) {
    if (!takeLock()) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_IN_MS);
      continue;
    }
    try {
      if (!isInstalled()) install(wanted);
    } finally {
      rmSync(lock);
    }
  }
  return join(environment, 'bin', name);
}

function install(wanted: string): void {
  rmSync(environment, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', environment], { stdio: 'pipe' });
  const packages = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
  execFileSync(join(environment, 'bin', 'python'), packages, { stdio: 'pipe' });
  writeFileSync(mark, wanted); // last: an interrupted installation is none
}

/** @returns whether this process has it now; that of a process that is gone is taken over */
function takeLock(): boolean {
  mkdirSync(dirname(environment), { recursive: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (isOrphan()) rmSync(lock, { force: true });
    return false;
  }
}

function isOrphan(): boolean {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    if (owner > 0) process.kill(owner, 0); // a lock that is being written names nobody yet
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
