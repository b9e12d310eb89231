import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundleTfjs } from '@motley/tfjs-bundles';
import { build } from 'esbuild';

// Node cannot load these modules of tfjs-core as they are: their imports have no file extensions.
await bundleTfjs(
  `import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
   import '@tensorflow/tfjs-core/dist/register_all_gradients';`,
  'dist/gradients.js',
);

const koffi = dirname(createRequire(import.meta.url).resolve('koffi'));
await build({
  entryPoints: [join(koffi, 'index.js')],
  outfile: 'dist/koffi.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'es2022',
  external: ['@koromix/*'],
  banner: { js: `/*\nkoffi\n\n${await readFile(join(koffi, 'LICENSE.txt'), 'utf8')}*/` },
  logLevel: 'error',
});
await copyFile(join(koffi, 'index.d.ts'), 'dist/koffi.d.ts');

await writeFile('dist/gradients.d.ts', 'export {};\n');
