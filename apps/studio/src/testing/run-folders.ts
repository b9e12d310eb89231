import { join } from 'node:path';
import { encodeTensors, type Module } from '@motley/core';
import { encodeSafetensors, type SafetensorsEntry } from '@motley/run';
import { RunFolder } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';

/** Writes the folder of a run whose best checkpoint has these weights. */
export async function writeRun(path: string, system: string, config: object, weights: Uint8Array): Promise<string> {
  const folder = await RunFolder.create({ out: path, system, config });
  const optimizer = encodeSafetensors(new Map<string, SafetensorsEntry>());
  await folder.checkpoints.save({ step: 1, epoch: 1, state: {}, isBest: true, weights, optimizer });
  await folder.close();
  return path;
}

/** The same of a network with new weights. Disposes of the network. */
export async function writeNewRun(parent: string, system: string, config: object, model: Module): Promise<string> {
  const state = model.stateDict();
  try {
    return await writeRun(join(parent, system), system, config, await encodeTensors(state));
  } finally {
    tf.dispose(state);
    model.dispose();
  }
}
