import { findBackend, registerBackend, setBackend } from '@tensorflow/tfjs-core';
import { TensorFlowBackend } from './backend/backend.ts';
import './gradients.ts';
import { registerControlFlowKernels } from './compile/control-flow/kernels.ts';
import { registerKernels } from './kernels/index.ts';
import { registerRecurrentKernels } from './recurrent/kernels.ts';
import { Runtime, type RuntimeOptions } from './runtime.ts';
import { registerTrainingKernels } from './training/index.ts';

/** The running TensorFlow. */
export interface Registration {
  /** TensorFlow's version, `2.21.0`. */
  readonly version: string;
  /** The device that computes by default, `CPU:0`, `GPU:0`. */
  readonly device: string;
  readonly usesGpu: boolean;
  readonly backend: TensorFlowBackend;
}

let areKernelsRegistered = false;

/** Registers the kernels. They stay when tfjs removes the backend, as they hold nothing of it. */
function registerAllKernels(): void {
  if (areKernelsRegistered) return;
  registerKernels();
  registerTrainingKernels();
  registerControlFlowKernels();
  registerRecurrentKernels();
  areKernelsRegistered = true;
}

/** Higher than the priority of every other tfjs backend; WebGPU has 3. */
const BACKEND_PRIORITY = 10;

/**
 * Opens TensorFlow in this thread and makes it tfjs's backend `tensorflow`. A second call returns the running
 * TensorFlow and ignores its options.
 *
 * @throws LibraryError where no usable library is found
 */
export async function register(options: RuntimeOptions = {}): Promise<Registration> {
  let backend = findBackend('tensorflow') as TensorFlowBackend | null;
  if (backend === null) {
    let opened: Runtime | undefined = new Runtime(options);
    registerAllKernels();
    const create = (): TensorFlowBackend => {
      const runtime = opened ?? new Runtime(options);
      // A reset of tfjs's engine disposes of the backend, closes its context, and creates another one later.
      opened = undefined;
      return new TensorFlowBackend(runtime);
    };
    registerBackend('tensorflow', create, BACKEND_PRIORITY);
    await setBackend('tensorflow');
    backend = findBackend('tensorflow') as TensorFlowBackend;
  } else await setBackend('tensorflow');
  const { version, usesGpu, devices } = backend.runtime;
  const device = devices.find(({ type }) => type !== 'CPU') ?? devices[0]!;
  return { version, usesGpu, device: device.name.replace(/^.*device:/, ''), backend };
}
