import { join } from 'node:path';
import { LibraryError } from '../errors.ts';

/**
 * Replaces the staging folder in error messages by the origin of the download: the folder is gone when they are read.
 */
export async function namingOrigin<Result>(
  origin: string,
  staging: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LibraryError) || !error.problem.includes(staging)) throw error;
    const problem = `${origin}: ${error.problem.replaceAll(join(staging, '/'), '')}`;
    throw new LibraryError(error.code, problem, { cause: error });
  }
}
