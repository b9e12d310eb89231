import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

describe('in a browser', () => {
  it.each(['config', 'model', 'loss', 'predict', 'data', 'index'])('%s.ts needs nothing of Node', async (name) => {
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
});

/** The files and packages that load with a module, not those that a part of it may ask for later. */
async function loadedWith(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    external: ['sharp', '@resvg/resvg-js', 'webgpu', 'koffi'],
    conditions: ['@motley/source'],
    metafile: true,
    logLevel: 'silent',
  });
  const first = Object.keys(metafile.inputs).find((path) => path.endsWith(entry.split('/').slice(-2).join('/')))!;
  const reached = new Set([first]);
  for (const path of reached)
    for (const { kind, path: imported } of metafile.inputs[path]?.imports ?? [])
      if (kind !== 'dynamic-import') reached.add(imported);
  return [...reached];
}

const isOfTensors = (path: string): boolean => /@tensorflow|tfjs|packages\/tensorflow|\/tensorflow\/src/.test(path);

describe('without a library of tensors', () => {
  it.each(['cli', 'view-cli', 'study-cli'])('%s.ts loads none, through core or otherwise', async (name) => {
    const loaded = await loadedWith(`${import.meta.dirname}/${name}.ts`);
    expect(loaded.some((path) => path.endsWith('core/src/node/scratch.ts'))).toBe(true);
    expect(loaded.filter(isOfTensors)).toEqual([]);
  });

  it('would tell if one were loaded', async () => {
    const loaded = await loadedWith(`${import.meta.dirname}/../../core/src/random/random-stream.ts`);
    expect(loaded.filter(isOfTensors)).not.toEqual([]);
  });
});
