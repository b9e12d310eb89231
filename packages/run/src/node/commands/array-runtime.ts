import { cpus } from 'node:os';
import { decodeArrays, type NamedArrays } from '../../checkpoint/arrays.ts';
import type { Runtime } from './runtime.ts';

/** Types of networks on typed arrays of their own: nothing compiles their steps. */
export interface ArrayTypes {
  readonly weights: NamedArrays;
  readonly compile: undefined;
}

/** Runtime of networks on typed arrays: no backend to choose, and `backend: "scratch"` in summaries. */
export function arrayRuntime(precision: 'float32' | 'float64'): Runtime<ArrayTypes> {
  return {
    addOptions: () => undefined,
    start: () =>
      Promise.resolve({
        report: { backend: 'scratch', device: cpus()[0]?.model ?? 'CPU', tensorflow: null, precision, reasons: [] },
        compile: undefined,
      }),
    decode: decodeArrays,
    release: () => undefined,
  };
}
