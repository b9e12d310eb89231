import { join } from 'node:path';
import { modulesLoadedWith } from '@motley/test-tools';
import { expect, it } from 'vitest';

const isTensorLibrary = (file: string): boolean =>
  /@tensorflow\/|packages\/tensorflow\/|koffi|onnxruntime|webgpu/.test(file);

const loadedWith = (file: string): Promise<string[]> => modulesLoadedWith(join(import.meta.dirname, file));

it.each(['cli.ts', 'train.ts'])('%s loads no tensor library', async (entry) => {
  const files = await loadedWith(entry);
  const own = ['model.ts', 'matrices.ts', 'kernels/kernels.ts', 'loss.ts'];
  expect(files).toEqual(expect.arrayContaining(own.map((file) => join(import.meta.dirname, file))));
  expect(files.filter(isTensorLibrary)).toEqual([]);
});

it('finds the tensor library of the other system', async () => {
  expect((await loadedWith('../model.ts')).filter(isTensorLibrary)).not.toEqual([]);
});
