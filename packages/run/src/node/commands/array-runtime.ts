import { cpus } from 'node:os';
import { decodeArrays, type NamedArrays } from '../../checkpoint/arrays.ts';
import type { Runtime } from './runtime.ts';

/** Types of systems on typed arrays. They have no compiler. */
export interface ArrayTypes {
  readonly weights: NamedArrays;
  readonly compile: undefined;
}

/** Runtime of systems on typed arrays. There is no backend to choose; summaries say `backend: "scratch"`. */
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
