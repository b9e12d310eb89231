import { join } from 'node:path';
import { describeInBrowser, modulesLoadedWith } from '@motley/test-tools';
import { describe, expect, it } from 'vitest';

describeInBrowser(import.meta.dirname, ['config', 'model', 'loss', 'predict', 'data', 'index', 'demo']);

const isTensorLibrary = (path: string): boolean => /@tensorflow|tfjs|packages\/tensorflow\//.test(path);

describe('tensor libraries', () => {
  it.each(['cli', 'preview-cli'])('%s.ts loads none', async (name) => {
    const loaded = await modulesLoadedWith(join(import.meta.dirname, `${name}.ts`));
    expect(loaded.some((path) => path.endsWith('run/src/node/index.ts'))).toBe(true);
    expect(loaded.filter(isTensorLibrary)).toEqual([]);
  });

  it('are found where one is loaded', async () => {
    const loaded = await modulesLoadedWith(join(import.meta.dirname, '../../core/src/random/random-stream.ts'));
    expect(loaded.filter(isTensorLibrary)).not.toEqual([]);
  });
});
