import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** How tfjs-core's specs name the environment, in every spec's full name. */
const ENVIRONMENT = { name: 'test-tensorflow', backendName: 'tensorflow', flags: {}, isDataSync: true };

/**
 * tfjs-core's specs are written as modules that only a bundler can load. The environment must be set before they are
 * read, and they expect every chained operation and every gradient.
 */
const ENTRY = `
  require('@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops');
  require('@tensorflow/tfjs-core/dist/register_all_gradients');
  require('@tensorflow/tfjs-core/dist/jasmine_util').setTestEnvs([${JSON.stringify(ENVIRONMENT)}]);
  require('@tensorflow/tfjs-core/dist/tests');
`;

/**
 * Bundles tfjs-core's specs, with a copy of tfjs-core's modules: they find the engine, the kernels, the gradients and
 * the tensor class of the copy that is loaded already, because tfjs keeps those on the global object.
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
    // tfjs-core's package.json says that its specs have no side effects.
    ignoreAnnotations: true,
    logLevel: 'error',
  });
  return result.outputFiles[0]!.text;
}
