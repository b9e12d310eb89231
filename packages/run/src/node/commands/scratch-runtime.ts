import { cpus } from 'node:os';
import { decodeArrays } from '../../checkpoint/arrays.ts';
import type { ScratchArray } from '../../checkpoint/stored-values.ts';
import type { Runtime } from './runtime.ts';

/** The package's own arithmetic on typed arrays. */
export function scratchRuntime(precision: 'float32' | 'float64'): Runtime<ScratchArray> {
  return {
    addOptions: () => undefined,
    start: () =>
      Promise.resolve({
        report: { backend: 'scratch', device: cpus()[0]?.model ?? 'CPU', tensorflow: null, precision, reasons: [] },
        compile: undefined,
      }),
    decode: decodeArrays,
  };
}
