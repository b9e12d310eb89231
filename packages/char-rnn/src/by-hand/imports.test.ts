import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const folder = import.meta.dirname;

/** The files that a module loads when it is loaded, those of packages too, by a bundler's account of them. */
async function filesBehind(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(folder, entry)],
    absWorkingDir: folder,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@motley/source'],
    loader: { '.node': 'empty' },
    logLevel: 'silent',
  });
  const loaded = new Set([entry]);
  for (const file of loaded)
    for (const { path, kind } of metafile.inputs[file]?.imports ?? []) if (kind !== 'dynamic-import') loaded.add(path);
  return [...loaded];
}

const isTensorLibrary = (file: string): boolean =>
  /@tensorflow\/|packages\/tensorflow\/|koffi|onnxruntime|webgpu/.test(file);

it.each(['cli.ts', 'train.ts'])('%s loads no library of tensors', async (entry) => {
  const files = await filesBehind(entry);
  expect(files).toEqual(expect.arrayContaining(['model.ts', 'matrices.ts', 'kernels/kernels.ts', 'loss.ts']));
  expect(files.filter(isTensorLibrary)).toEqual([]);
});

it("would find one: the package's other system has it", async () => {
  expect((await filesBehind('../model.ts')).filter(isTensorLibrary)).not.toEqual([]);
});
