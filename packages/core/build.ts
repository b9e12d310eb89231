import { copyFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundleTfjs } from '@motley/tfjs-bundles';

// These two backends start wherever nothing better does. Their packages are ten times larger than what is used of them.
const FOLDER = 'dist/node/tfjs';
await bundleTfjs(`import '@tensorflow/tfjs-backend-cpu';`, join(FOLDER, 'cpu.js'));
await bundleTfjs(
  `export { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
   export const moduleFolder = import.meta.dirname;`,
  join(FOLDER, 'wasm.js'),
);
const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
for (const name of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'])
  await copyFile(join(wasm, name), join(FOLDER, name));

await writeFile(join(FOLDER, 'cpu.d.ts'), 'export {};\n');
