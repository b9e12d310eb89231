import { createRequire } from 'node:module';
import { dirname } from 'node:path';

export { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** The folder of the `.wasm` files. `build.ts` puts them beside this module, which it bundles. */
export const moduleFolder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
