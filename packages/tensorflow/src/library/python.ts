import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Finds the package's folders without importing it. The current folder is not searched. */
const FIND_PACKAGE = `
import importlib.util, sys
sys.path = [folder for folder in sys.path if folder]
spec = importlib.util.find_spec('tensorflow')
for folder in (spec.submodule_search_locations or []) if spec else []: print(folder)
`;

/** The Python commands to try, the active environment's first. */
export function pythonCommands(environment: NodeJS.ProcessEnv = process.env): string[] {
  const inside = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  const active = [environment.VIRTUAL_ENV, environment.CONDA_PREFIX]
    .filter((folder) => folder !== undefined && folder !== '')
    .map((folder) => join(folder!, ...inside))
    .filter((path) => existsSync(path));
  return [...active, ...(process.platform === 'win32' ? ['python'] : ['python3', 'python'])];
}

/**
 * Folders of the `tensorflow` package that the active environment's Python, or else the first on the PATH, would
 * import.
 */
export function pythonPackageFolders(): string[] {
  for (const python of pythonCommands()) {
    const { status, stdout } = spawnSync(python, ['-c', FIND_PACKAGE], {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
    if (status === 0) return stdout.split(/\r?\n/).filter((line) => line !== '');
  }
  return [];
}
