import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { PYTHON_TIMEOUT_IN_MS, hasPython, python, pythonTool } from './index.ts';

describe.skipIf(!hasPython)('the Python environment of the tests (needs python3)', () => {
  it(
    'has NumPy and the programs that loggers speak with',
    () => {
      const { stdout, stderr } = spawnSync(python(), ['-c', 'import numpy; print(numpy.ones(3).sum())'], {
        encoding: 'utf8',
      });
      expect([stdout.trim(), stderr]).toEqual(['3.0', '']);
      expect(spawnSync(pythonTool('mlflow'), ['--version'], { encoding: 'utf8' }).stdout).toContain('version');
    },
    PYTHON_TIMEOUT_IN_MS,
  );
});
