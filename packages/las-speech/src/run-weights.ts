import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeTensors } from '@motley/core';
import { readWeights } from '@motley/core/node';
import { UserError } from '@motley/run';
import { CheckpointStore } from '@motley/run/node';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Weights of a run's folder (its best checkpoint), or of a single file. The caller disposes of them.
 * @param system whose runs are expected
 * @param prefix of the wanted tensors' names, which is left out
 * @throws UserError naming the folder or file, what was expected and what was found
 */
export async function loadRunWeights(path: string, system: string, prefix = ''): Promise<Record<string, Tensor>> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return readWeights(path, { prefix });
  const store = new CheckpointStore(join(path, 'checkpoints'), system);
  if (!(await store.has('best')))
    throw new UserError(`${path}: expected the folder of a ${system} run, with checkpoints/best, found none`);
  const wanted: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(decodeTensors((await store.load('best')).weights, path)))
    if (name.startsWith(prefix)) wanted[name.slice(prefix.length)] = tensor;
    else tensor.dispose();
  return wanted;
}
