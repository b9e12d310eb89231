import { build } from 'esbuild';
import { expect, it } from 'vitest';

const MODULES = ['config', 'model', 'loss', 'vocabulary', 'reader', 'sample', 'index'];

it.each(MODULES)('%s.ts needs nothing of Node', async (name) => {
  const { errors } = await build({
    entryPoints: [`${import.meta.dirname}/${name}.ts`],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    conditions: ['@motley/source'],
    logLevel: 'silent',
  });
  expect(errors).toEqual([]);
});
