import { defineConfig } from 'vitest/config';

const conditions = ['@motley/source', 'import', 'module', 'node', 'default'];

/** Base of every package's `vitest.config.ts`: sources of other packages without a build, one report file. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['src/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    execArgv: ['--expose-gc', '--conditions=@motley/source', '--import', 'tsx'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/vitest.json' },
  },
});
