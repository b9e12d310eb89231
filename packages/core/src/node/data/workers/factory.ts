import { UserError } from '@motley/run';
import type { DatasetBatches } from '../../../data/dataset-batches.ts';

/** Factory that creates the same batches in every thread. */
export interface BatchFactory<Options> {
  /** URL of an ES module: `new URL('./data.ts', import.meta.url)`, or `import.meta.url` for the module itself. */
  readonly module: URL | string;
  /** Name of the module's exported function: given the options, it returns or promises `DatasetBatches`. */
  readonly factory: string;
  /** Copied to each worker, so no functions; a typed array on a SharedArrayBuffer is shared instead. */
  readonly options: Options;
}

/** @throws UserError where the module has no such function, or it does not return batches; what it throws itself */
export async function makeBatches(module: string, factory: string, options: unknown): Promise<DatasetBatches<string>> {
  const exported: unknown = ((await import(module)) as Readonly<Record<string, unknown>>)[factory];
  if (typeof exported !== 'function')
    throw new UserError(`${module}: expected an exported function "${factory}", got ${typeof exported}`);
  const batches: unknown = await (exported as (options: unknown) => unknown)(options);
  // Not instanceof: a bundler or a test runner may load this module twice.
  if (!isBatches(batches)) throw new UserError(`${module}: expected "${factory}" to return the batches of a Dataset`);
  return batches;
}

function isBatches(value: unknown): value is DatasetBatches<string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'batchesPerEpoch' in value &&
    'hostBatch' in value &&
    typeof value.hostBatch === 'function'
  );
}
