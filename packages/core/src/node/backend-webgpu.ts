import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LibraryHandle } from '@motley/tensorflow/koffi';
import * as tf from '@tensorflow/tfjs-core';
import { UnavailableError } from './backend-unavailable.ts';

/** Dawn's instance. It must stay referenced while in use. */
let gpu: GPU | undefined;
/** Vulkan's library. Dawn finds it by name as long as it is loaded. */
let vulkan: LibraryHandle | undefined;

/**
 * Registers TensorFlow.js's WebGPU backend on Dawn, once.
 * @param options.acceptSoftware whether to accept a software adapter (SwiftShader, llvmpipe)
 * @returns the adapter's name
 * @throws UnavailableError if there is no adapter
 */
export async function registerWebGpu({ acceptSoftware }: { readonly acceptSoftware: boolean }): Promise<string> {
  // Checked first, because Dawn prints to the terminal if there is no adapter.
  if (gpu === undefined && process.platform === 'linux') await checkVulkan();
  const { create, globals } = await import('webgpu').catch(refuseMissing);
  Object.assign(globalThis, globals); // Defines GPUBuffer and other browser globals that the backend expects.
  gpu ??= create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new UnavailableError('no adapter: Dawn found no GPU that it can drive');
  const name = adapter.info.description || adapter.info.device || adapter.info.vendor || 'unknown adapter';
  if (adapter.info.isFallbackAdapter && !acceptSoftware)
    throw new UnavailableError(`no GPU, only ${name}, which is slower than WebAssembly`);
  if ((tf.findBackendFactory('webgpu') as unknown) !== null) return name;
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    },
  });
  const backend = await createBackend(device, adapter.info, gpu);
  tf.registerBackend('webgpu', () => backend);
  return name;
}

/** Both are optional peers. */
function refuseMissing(error: unknown): never {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
  const packages = 'webgpu @tensorflow/tfjs-backend-webgpu';
  throw new UnavailableError(`its packages are not installed: npm install ${packages}`, { cause: error });
}

async function createBackend(device: GPUDevice, info: GPUAdapterInfo, navigatorGpu: GPU): Promise<tf.KernelBackend> {
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu').catch(refuseMissing);
  // Synchronous reads of the backend draw on a canvas, which only browsers have.
  class NodeWebGpuBackend extends WebGPUBackend {
    override readSync(dataId: object): tf.BackendValues {
      const { values, dtype } = this.tensorMap.get(dataId) as { values: tf.BackendValues | null; dtype: tf.DataType };
      if (values === null && dtype !== 'complex64')
        throw new Error('dataSync: a tensor on WebGPU can only be read with `await tensor.data()` in Node');
      return super.readSync(dataId);
    }
  }
  // The constructor reads `navigator.gpu`. Leaving it defined would keep the process from ending.
  const had = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: navigatorGpu }, configurable: true });
  try {
    return new NodeWebGpuBackend(device, info);
  } finally {
    if (had === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', had);
  }
}

/** VkInstanceCreateInfo without application, layers or extensions: structure type 1, then zeros. */
const INSTANCE = Buffer.alloc(64);
INSTANCE.writeUInt32LE(1);

/**
 * Checks that Vulkan finds a device.
 * @throws UnavailableError if it finds none
 */
async function checkVulkan(): Promise<void> {
  vulkan = await loadVulkan();
  const instance = new BigUint64Array(1);
  const create = vulkan.func('int vkCreateInstance(void*, void*, void*)') as (...values: unknown[]) => number;
  if (create(INSTANCE, null, instance) !== 0) throw new UnavailableError('no adapter: Vulkan has no driver here');
  const count = new Uint32Array(1);
  vulkan.func('int vkEnumeratePhysicalDevices(void*, void*, void*)')(instance[0], count, null);
  vulkan.func('void vkDestroyInstance(void*, void*)')(instance[0], null);
  if (count[0] === 0) throw new UnavailableError('no adapter: Vulkan has a driver and no device');
}

/**
 * Loads Vulkan: the library beside the driver named by the environment (as in Chromium's folder), else the system's.
 */
async function loadVulkan(): Promise<LibraryHandle> {
  const name = 'libvulkan.so.1';
  const drivers = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  const beside = drivers === undefined ? name : join(dirname(drivers.split(':')[0]!), name);
  const { default: koffi } = await import('@motley/tensorflow/koffi');
  try {
    return koffi.load(existsSync(beside) ? beside : name);
  } catch (error) {
    throw new UnavailableError(`no adapter: there is no Vulkan (${name})`, { cause: error });
  }
}
