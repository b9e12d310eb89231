import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type KernelBackend, registerBackend, setBackend } from '@tensorflow/tfjs-core';
import { addOnFile, tfjsNodeFolder } from './location.ts';

const require = createRequire(import.meta.url);

interface BackendModule {
  NodeJSKernelBackend: new (binding: unknown, packageName: string) => KernelBackend;
}

/**
 * Registers the add-on as tfjs's backend, with tfjs-node's own kernels and backend class. The package's entry point is not
 * used, as it expects the add-on where the install script puts it.
 *
 * @returns TensorFlow's version
 */
export async function registerAddOn(): Promise<string> {
  // Node 23 removed functions that tfjs-node still calls (tensorflow/tfjs #8425).
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  require(join(tfjsNodeFolder, 'dist', 'register_all_kernels'));
  const { NodeJSKernelBackend } = require(join(tfjsNodeFolder, 'dist', 'nodejs_kernel_backend')) as BackendModule;
  const binding = require(addOnFile) as { TF_Version: string };
  registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node'));
  await setBackend('tensorflow');
  return binding.TF_Version;
}
