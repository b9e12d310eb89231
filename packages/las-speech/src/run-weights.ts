import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeTensors, type StateDict } from '@motley/core';
import { readWeights } from '@motley/core/node';
import { UserError } from '@motley/run';
import { CheckpointStore } from '@motley/run/node';

/**
 * Weights of a run's folder (its best checkpoint), or of a single file. The caller disposes of them.
 * @param system whose runs are expected
 * @throws UserError naming the folder or file, what was expected and what was found
 */
export async function loadRunWeights(path: string, system: string): Promise<StateDict> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return readWeights(path);
  const store = new CheckpointStore(join(path, 'checkpoints'), system);
  if (!(await store.has('best')))
    throw new UserError(`${path}: expected the folder of a ${system} run, with checkpoints/best, found none`);
  return decodeTensors((await store.load('best')).weights, path);
}
