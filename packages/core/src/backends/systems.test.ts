import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { hasNative } from '../testing/native.ts';
import { findBackends, startBackend } from './testing/start-backend.ts';
import { SYSTEMS, trainSystem, type SystemName } from './testing/systems.ts';

const { found } = await findBackends();
/** Weights and data order are the same on all backends. The noise of a VAE differs on native TensorFlow. */
describe.each(Object.keys(SYSTEMS) as SystemName[])('%s', (system) => {
  const isNoisy = system === 'VAE on MNIST';
  const trained = async (steps: number) => {
    const before = tf.memory().numTensors;
    const outcome = await trainSystem(system, { seed: 1, steps });
    expect(tf.memory().numTensors).toBe(before);
    return outcome.loss;
  };

  const subjects = hasNative ? (['tensorflow', 'wasm'] as const) : (['wasm'] as const);
  it('reaches the metrics of plain JavaScript on native TensorFlow and WebAssembly', async () => {
    await startBackend('cpu');
    const [untrained, expected] = [await trained(0), await trained(20)];
    expect(expected).toBeLessThan(untrained);
    for (const backend of subjects) {
      await startBackend(backend);
      const difference = Math.abs((await trained(20)) - expected);
      expect(difference, backend).toBeLessThan((isNoisy ? 0.05 : 2e-3) * expected);
    }
  });
});

// SwiftShader takes seconds per step. `pnpm --filter @motley/core backends` trains longer.
it.skipIf(!found.includes('webgpu'))('an LSTM starts on WebGPU as on WebAssembly', async () => {
  await startBackend('wasm');
  const expected = (await trainSystem('LSTM on waves', { seed: 1, steps: 2 })).loss;
  await startBackend('webgpu');
  const { loss } = await trainSystem('LSTM on waves', { seed: 1, steps: 2 });
  expect(Math.abs(loss - expected)).toBeLessThan(1e-4 * expected);
});
