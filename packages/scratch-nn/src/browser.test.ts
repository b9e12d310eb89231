import { join } from 'node:path';
import { describeInBrowser, modulesLoadedWith } from '@motley/test-tools';
import { describe, expect, it } from 'vitest';

describeInBrowser(import.meta.dirname, ['config', 'model', 'loss', 'predict', 'data', 'index']);

const isOfTensors = (path: string): boolean => /@tensorflow|tfjs|packages\/tensorflow\//.test(path);

describe('without a library of tensors', () => {
  it.each(['cli', 'view-cli'])('%s.ts loads none, through core or otherwise', async (name) => {
    const loaded = await modulesLoadedWith(join(import.meta.dirname, `${name}.ts`));
    expect(loaded.some((path) => path.endsWith('core/src/node/scratch.ts'))).toBe(true);
    expect(loaded.filter(isOfTensors)).toEqual([]);
  });

  it('would tell if one were loaded', async () => {
    const loaded = await modulesLoadedWith(join(import.meta.dirname, '../../core/src/random/random-stream.ts'));
    expect(loaded.filter(isOfTensors)).not.toEqual([]);
  });
});
