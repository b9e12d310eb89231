import { encodeTensors } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { decodeTensors } from '../checkpoint/tensors.ts';
import type { StateDict } from '../nn/state-dict.ts';
import type { TrainingState } from './training-state.ts';

/** A training at one step, off the device: what it can go back to. */
export interface Snapshot {
  readonly weights: Uint8Array;
  readonly optimizer: Uint8Array;
  readonly state: TrainingState;
}

export async function takeSnapshot(weights: StateDict, optimizer: StateDict, state: TrainingState): Promise<Snapshot> {
  return { weights: await encodeTensors(weights), optimizer: await encodeTensors(optimizer), state };
}

/** Gives tensors of a snapshot to `use`, and frees them. */
export function withTensors<T>(bytes: Uint8Array, use: (tensors: StateDict) => T): T {
  const tensors = decodeTensors(bytes, 'snapshot');
  try {
    return use(tensors);
  } finally {
    tf.dispose(tensors);
  }
}
