import { UserError, shown } from '@motley/run';
import type { DatasetBatches } from '../../../data/dataset-batches.ts';

/** Reference to a function that creates the same batches in every thread. */
export interface BatchFactory<Options> {
  /**
   * URL of an ES module, such as `new URL('./data.ts', import.meta.url)`, or `import.meta.url` for the calling module.
   */
  readonly module: URL | string;
  /** Name of an exported function. It takes the options and returns or promises `DatasetBatches`. */
  readonly factory: string;
  /**
   * Copied to each worker, so it must not contain functions. A typed array on a SharedArrayBuffer is shared, not
   * copied.
   */
  readonly options: Options;
}

/**
 * Calls the factory.
 * @throws UserError if the module has no such function, or the function does not return batches. Errors of the module
 *   itself pass through.
 */
export async function makeBatches(module: string, factory: string, options: unknown): Promise<DatasetBatches<string>> {
  const exported: unknown = ((await import(module)) as Readonly<Record<string, unknown>>)[factory];
  if (typeof exported !== 'function')
    throw new UserError(`${module}: expected an exported function ${shown(factory)}, got ${typeof exported}`);
  const batches: unknown = await (exported as (options: unknown) => unknown)(options);
  // Avoids instanceof, because a bundler or test runner may load this module twice.
  if (!isBatches(batches))
    throw new UserError(`${module}: expected ${shown(factory)} to return the batches of a Dataset`);
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
