import { configDefaults, defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['@motley/source', 'import', 'module', 'node', 'default'];

/**
 * Base of every package's `vitest.config.ts`: sources of other packages without a build, one report file. The files of a
 * package share a process, as loading the modules anew for each takes longer than many tests.
 */
const base = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
    maxWorkers: 1,
    isolate: false,
    execArgv: ['--expose-gc', '--conditions=@motley/source', '--import', 'tsx'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/vitest.json' },
  },
});
export default base;

/** The same, where some files need modules or drivers that no other file has loaded. */
export function baseWithOwnProcesses(files: string[]): ViteUserConfig {
  const projects = [
    { extends: true as const, test: { name: 'shared', exclude: [...configDefaults.exclude, ...files] } },
    { extends: true as const, test: { name: 'own', include: files, isolate: true } },
  ];
  return mergeConfig(base, { test: { projects } });
}
