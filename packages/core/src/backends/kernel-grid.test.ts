import '../nn/gradients/register.ts';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeOn } from '../testing/native.ts';
import type { KernelCase } from './testing/grid/case.ts';
import { exceptionOf, EXCEPTIONS, UNTRIED } from './testing/grid/exceptions.ts';
import { casesOf, kernelGrids } from './testing/grid/kernels.ts';
import { describeCase, differenceOf, expectedOf, runKernel } from './testing/grid/run-kernel.ts';
import type { GridTensor } from './testing/grid/tensor.ts';
import { findBackends, startBackend, type BackendName } from './testing/start-backend.ts';

/** `MOTLEY_KERNEL_CALLS=1000 MOTLEY_KERNEL_SEED=2` draws more calls of each kernel, and others. */
const CALLS = Number(process.env.MOTLEY_KERNEL_CALLS ?? 12);
const SEED = Number(process.env.MOTLEY_KERNEL_SEED ?? 1);
/** Part of the calls that a backend gets. A shader is compiled for each shape. */
const SHARES: Readonly<Record<BackendName, number>> = { tensorflow: 0.5, webgpu: 0.2, wasm: 1, cpu: 0.5 };
/** Largest difference, relative to the expected value or to 1. GPUs compute their own sines. */
const TOLERANCES: Readonly<Record<BackendName, number>> = { tensorflow: 1e-4, webgpu: 5e-4, wasm: 2e-5, cpu: 2e-5 };
const SHOWN = 3;

const { found } = await findBackends();
const names = Object.keys(kernelGrids);
const isRegistered = (name: string, backend: BackendName) =>
  (tf.getKernel(name, backend) as tf.KernelConfig | undefined) !== undefined;

interface Expectation {
  readonly call: KernelCase;
  readonly outputs: readonly GridTensor[];
}

const expectations = new Map<string, Expectation[]>();

beforeAll(async () => {
  await startBackend('cpu');
  for (const name of names) {
    const list: Expectation[] = [];
    for (const call of casesOf(name, kernelGrids[name]!, SEED, CALLS))
      list.push({ call, outputs: await expectedOf(name, kernelGrids[name]!, call) });
    expectations.set(name, list);
  }
}, 600_000);

describeOn(found, 'on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  it.each(names)(
    '%s gives the numbers of the reference, and leaks no memory',
    async (name) => {
      if (!isRegistered(name, backend)) return;
      const list = expectations.get(name)!;
      const fixed = kernelGrids[name]!.always?.().length ?? 0;
      const count = fixed + Math.ceil((list.length - fixed) * SHARES[backend]);
      // The memory of other backends is freed later.
      const allocated = () => [tf.memory().numTensors, backend === 'wasm' ? tf.engine().backend.numDataIds() : 0];
      const before = allocated();
      const problems: string[] = [];
      for (const { call, outputs } of list.slice(0, count)) {
        if (exceptionOf(name, backend, call) !== undefined) continue;
        const problem = await runKernel(name, call).then(
          (results) => differenceOf(results, outputs, kernelGrids[name]!.tolerance ?? TOLERANCES[backend]),
          (error: unknown) => String(error),
        );
        if (problem !== null) problems.push(`${problem}; ${describeCase(call)}`);
      }
      expect(problems.slice(0, SHOWN), `${problems.length} of ${count} calls`).toEqual([]);
      expect(allocated()).toEqual(before);
    },
    600_000,
  );

  it('has no kernel without a case or a reason', () => {
    const kernels = tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);
    // Native TensorFlow has kernels that no other backend has; its package tests them.
    const shared = backend === 'tensorflow' ? kernels.filter((name) => isRegistered(name, 'cpu')) : kernels;
    expect(shared.filter((name) => !(name in kernelGrids) && !(name in UNTRIED))).toEqual([]);
  });
});

describe('the exceptions', () => {
  it('name kernels of the grid and of backends', () => {
    for (const { kernels, reason } of EXCEPTIONS) {
      expect(reason).toMatch(/\w{3}/);
      expect(kernels.filter((name) => !(name in kernelGrids))).toEqual([]);
    }
    expect(Object.keys(UNTRIED).filter((name) => name in kernelGrids)).toEqual([]);
  });
});
