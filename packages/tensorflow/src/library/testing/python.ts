import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

/** A PATH on which `python3` is the interpreter itself, not a version manager's shim, which takes longer than pip. */
export function pathWithPython(): string {
  const { stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return [dirname(stdout.trim()), process.env.PATH ?? ''].join(delimiter);
}
