import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The test environment of tfjs-core's specs. Its name is part of every spec's full name. */
const ENVIRONMENT = { name: 'test-tensorflow', backendName: 'tensorflow', flags: {}, isDataSync: true };

/**
 * Loads tfjs-core's specs, which only a bundler can load. The environment must be set before they are read. They expect
 * all chained operations and gradients to be registered.
 */
const ENTRY = `
  require('@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops');
  require('@tensorflow/tfjs-core/dist/register_all_gradients');
  require('@tensorflow/tfjs-core/dist/jasmine_util').setTestEnvs([${JSON.stringify(ENVIRONMENT)}]);
  require('@tensorflow/tfjs-core/dist/tests');
`;

/**
 * Bundles tfjs-core's specs with a copy of tfjs-core's modules. The copy uses the engine, kernels, gradients and tensor
 * class of the loaded tfjs-core, because tfjs keeps those on the global object.
 *
 * @returns the source of a CommonJS module that declares the specs on jasmine's globals
 */
export async function bundleSpecs(): Promise<string> {
  const result = await build({
    stdin: { contents: ENTRY, resolveDir: dirname(fileURLToPath(import.meta.url)) },
    bundle: true,
    write: false,
    platform: 'node',
    mainFields: ['module', 'main'],
    format: 'cjs',
    // tfjs-core's package.json claims that its specs have no side effects.
    ignoreAnnotations: true,
    logLevel: 'error',
  });
  return result.outputFiles[0]!.text;
}
