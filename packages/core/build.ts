import { copyFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundleTfjs } from '@motley/tfjs-bundles';

// These two backends start wherever nothing better does. Their packages are ten times larger than what is used of them.
const folder = 'dist/node/tfjs';
await bundleTfjs(`import '@tensorflow/tfjs-backend-cpu';`, join(folder, 'cpu.js'));
await bundleTfjs(
  `export { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
   export const moduleFolder = import.meta.dirname;`,
  join(folder, 'wasm.js'),
);
const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
for (const name of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'])
  await copyFile(join(wasm, name), join(folder, name));

await writeFile(join(folder, 'cpu.d.ts'), 'export {};\n');
for (const name of ['cpu', 'wasm']) await rm(join(folder, `${name}.js.map`), { force: true }); // of the sources replaced
