import { printable } from '../../config/errors.ts';
import { StorageError } from '../files.ts';

/**
 * Draws where it can. A picture that fails becomes one line on standard error, so that it costs no finished training.
 * @param what name of the picture, for the line
 * @throws StorageError as `draw` does, and the error of an abort
 */
export async function orWarning<T>(what: string, draw: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await draw();
  } catch (error) {
    if (error instanceof StorageError || (error as Error).name === 'AbortError') throw error;
    process.stderr.write(`warning: ${what}: not drawn: ${printable((error as Error).message || String(error))}\n`);
    return undefined;
  }
}
