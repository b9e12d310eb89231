import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const MODULES = ['config', 'model', 'loss', 'predict', 'stream', 'index'];

describe('in a browser', () => {
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

  it('would tell if it did', async () => {
    const contents = "import { readFileSync } from 'node:fs'; console.log(readFileSync);";
    const bundle = build({ stdin: { contents }, bundle: true, write: false, platform: 'browser', logLevel: 'silent' });
    await expect(bundle).rejects.toThrow('node:fs');
  });
});
