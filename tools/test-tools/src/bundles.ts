import { basename, dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

/**
 * Tests that modules run in a browser as they are: each is bundled for one, which fails where it imports anything of
 * Node's.
 * @param folder of the modules
 * @param modules their names without `.ts`
 */
export function describeInBrowser(folder: string, modules: readonly string[]): void {
  describe('in a browser', () => {
    it.each(modules)('%s.ts needs nothing of Node', async (name) => {
      await expect(bundleForBrowser(join(folder, `${name}.ts`))).resolves.toBeGreaterThan(0);
    });
  });
}

/** @returns the bundle's length in bytes */
export async function bundleForBrowser(entry: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    conditions: ['@motley/source'],
    logLevel: 'silent',
  });
  return outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
}

/**
 * The files that load with a module in Node, itself first and those of packages too: not what a part of it may ask for
 * later.
 * @param entry absolute
 * @returns absolute paths; Node's own modules by name
 */
export async function modulesLoadedWith(entry: string): Promise<string[]> {
  const absWorkingDir = dirname(entry);
  const { metafile } = await build({
    entryPoints: [entry],
    absWorkingDir,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    conditions: ['@motley/source'],
    loader: { '.node': 'empty' },
    metafile: true,
    logLevel: 'silent',
  });
  const reached = new Set([basename(entry)]);
  for (const path of reached)
    for (const { kind, path: imported } of metafile.inputs[path]?.imports ?? [])
      if (kind !== 'dynamic-import') reached.add(imported);
  return [...reached].map((path) => (path in metafile.inputs ? resolve(absWorkingDir, path) : path));
}
