import type { Summary } from '../../run/summary.ts';

/** Summary of a completed training. */
export function exampleSummary(parts: Partial<Summary> = {}): Summary {
  return {
    system: 'vae',
    command: 'train',
    status: 'completed',
    backend: 'cpu',
    device: 'CPU',
    tensorflow: null,
    precision: 'float32',
    compiled: false,
    seed: 0,
    epochs: 1,
    steps: 10,
    parameters: 1,
    wallTimeInSeconds: 1.5,
    samplesPerSecond: 100,
    peakMemoryInBytes: 2 ** 20,
    metrics: {},
    baselines: {},
    ...parts,
  };
}
