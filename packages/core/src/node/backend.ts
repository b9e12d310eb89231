import { UserError } from '@motley/run';
import type * as Tensorflow from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { completeKernels } from '../backends/complete-kernels.ts';
import { UnavailableError } from './backend-unavailable.ts';
import { registerWebGpu } from './backend-webgpu.ts';

/** Choices of `--backend`. */
export const BACKEND_CHOICES = ['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendChoice = (typeof BACKEND_CHOICES)[number];

/** Backend and device of a run, as written to its summary. */
export interface BackendReport {
  readonly backend: Exclude<BackendChoice, 'auto'>;
  /** Name of the device: `CPU`, or the name of a GPU. */
  readonly device: string;
  /** TensorFlow's version. Null on other backends. */
  readonly tensorflow: string | null;
  readonly precision: 'float32';
  /** One line for each skipped candidate, saying why. */
  readonly reasons: readonly string[];
}

/**
 * Starts a backend.
 * @param wasAskedFor whether the user requested this backend by name
 */
type Candidate = (wasAskedFor: boolean) => Promise<Omit<BackendReport, 'reasons' | 'backend'>>;

/** Backends in order of preference. */
const CANDIDATES: Readonly<Record<BackendReport['backend'], Candidate>> = {
  tensorflow: startTensorflow,
  webgpu: startWebGpu,
  wasm: startWasm,
  cpu: startCpu,
};

/**
 * Starts the requested backend. `auto` takes the first that works: native TensorFlow (GPU, else CPU), WebGPU,
 * WebAssembly, plain JavaScript.
 * @throws UserError with the reason if the requested backend is not available
 */
export async function chooseBackend(choice: BackendChoice = 'auto'): Promise<BackendReport> {
  const names = Object.keys(CANDIDATES) as BackendReport['backend'][];
  const reasons: string[] = [];
  let cause: UnavailableError | undefined;
  for (const backend of choice === 'auto' ? names : [choice]) {
    try {
      return { backend, ...(await CANDIDATES[backend](choice !== 'auto')), reasons };
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      reasons.push(`${backend}: ${error.message}`);
      cause = error;
    }
  }
  throw new UserError(`--backend ${reasons.join('; ')}`, { cause });
}

async function startTensorflow(): ReturnType<Candidate> {
  let library: typeof Tensorflow;
  try {
    library = await import('@motley/tensorflow');
  } catch (error) {
    throw new UnavailableError(`@motley/tensorflow cannot be loaded: ${firstLine(error)}`, { cause: error });
  }
  try {
    const { version, device } = await library.register();
    await setBackend('tensorflow');
    return { device, tensorflow: version, precision: 'float32' };
  } catch (error) {
    if (error instanceof library.LibraryError) throw new UnavailableError(firstLine(error), { cause: error });
    throw error;
  }
}

async function startWebGpu(wasAskedFor: boolean): ReturnType<Candidate> {
  const device = await registerWebGpu({ acceptSoftware: wasAskedFor });
  await setBackend('webgpu');
  return { device: `${device} (WebGPU)`, tensorflow: null, precision: 'float32' };
}

async function startWasm(): ReturnType<Candidate> {
  const { moduleFolder, setThreadsCount, setWasmPaths } = await import('./tfjs/wasm.ts');
  setWasmPaths(`${moduleFolder}/`);
  // The threaded module needs web workers, which Node lacks.
  setThreadsCount(1);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await setBackend('wasm');
  const hasSimd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return {
    device: hasSimd === true ? 'CPU (WebAssembly, SIMD)' : 'CPU (WebAssembly)',
    tensorflow: null,
    precision: 'float32',
  };
}

async function startCpu(): ReturnType<Candidate> {
  await import('./tfjs/cpu.ts');
  await setBackend('cpu');
  // Suppresses the backend's advertisement for tfjs-node, printed on first use.
  (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return { device: 'CPU (JavaScript)', tensorflow: null, precision: 'float32' };
}

async function setBackend(name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new UnavailableError(`TensorFlow.js could not start its backend "${name}"`);
  await tf.ready();
  completeKernels();
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0]!;
}
