import { completeKernels } from '@motley/core';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendInfo, BackendWish } from '../messages.ts';

/**
 * Starts WebGPU where there is a device that is no software, else WebAssembly.
 * @throws Error where the browser has neither
 */
export async function startBackend(wish: BackendWish): Promise<BackendInfo> {
  const device = wish === 'auto' ? await findDevice() : undefined;
  if (device !== undefined) {
    await import('@tensorflow/tfjs-backend-webgpu');
    if (await starts('webgpu')) return { name: 'webgpu', title: `WebGPU, ${device}` };
  }
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plain,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': simd,
  });
  // Threads need a page that is isolated from other origins, which a web space seldom offers.
  setThreadsCount(1);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  if (!(await starts('wasm'))) throw new Error('this browser has neither WebGPU nor WebAssembly');
  const hasSimd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { name: 'wasm', title: hasSimd === true ? 'WebAssembly, SIMD' : 'WebAssembly' };
}

async function starts(name: string): Promise<boolean> {
  const hasStarted = await tf.setBackend(name).catch(() => false);
  if (hasStarted) completeKernels();
  return hasStarted;
}

/** Part of WebGPU that says whether there is a device. */
interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<Adapter | null>;
}

interface Adapter {
  readonly isFallbackAdapter?: boolean;
  readonly info?: {
    readonly vendor: string;
    readonly architecture: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
}

/** Name of the graphics device; undefined where there is none, or one that the processor plays. */
async function findDevice(): Promise<string | undefined> {
  const { gpu } = navigator as { readonly gpu?: Gpu };
  try {
    const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null || adapter === undefined) return undefined;
    const { vendor = '', architecture = '', description = '', isFallbackAdapter } = adapter.info ?? {};
    const isSoftware = adapter.isFallbackAdapter === true || isFallbackAdapter === true;
    if (isSoftware || /swiftshader|llvmpipe/i.test(`${architecture} ${description}`)) return undefined;
    return [vendor, architecture].filter((part) => part !== '').join(' ') || 'graphics processor';
  } catch {
    return undefined;
  }
}
