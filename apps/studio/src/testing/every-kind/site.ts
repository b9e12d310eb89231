import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSafetensors, type SafetensorsEntry } from '@motley/run';
import { build } from 'vite';

const STUDIO = join(import.meta.dirname, '../../..');

/** Builds an exported site whose only demo is the one with every kind. */
export async function buildEveryKind(folder: string): Promise<void> {
  await build({
    configFile: join(STUDIO, 'vite.site.config.ts'),
    logLevel: 'error',
    worker: { plugins: () => [onlyThisDemo] },
    build: { outDir: folder, emptyOutDir: true },
  });
  await mkdir(join(folder, 'runs/1'), { recursive: true });
  const entry: SafetensorsEntry = { dtype: 'F32', shape: [3], values: Float32Array.of(1, 2, 3) };
  await writeFile(join(folder, 'runs/1/weights.safetensors'), encodeSafetensors(new Map([['weight', entry]])));
  await writeFile(join(folder, 'runs/1/config.json'), '{}');
  const runs = [{ system: 'every-kind', name: 'test', folder: 'runs/1' }];
  await writeFile(join(folder, 'runs.json'), JSON.stringify({ runs }));
}

const demo = join(import.meta.dirname, 'demo.ts');

const onlyThisDemo = {
  name: 'only-this-demo',
  enforce: 'pre',
  resolveId: (id: string) => (id === 'virtual:demos' ? '\0only-this-demo' : undefined),
  load: (id: string) =>
    id === '\0only-this-demo'
      ? `export const demos = { 'every-kind': () => import(${JSON.stringify(demo)}) };`
      : undefined,
} as const;
