import {
  batchesOfCalls,
  NonFiniteLossError,
  parseTrainingState,
  type BatchSource,
  type Checkpoint,
  type Schedule,
} from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/batches.ts';
import { checkedUpdate } from './checked-update.ts';
import type { TensorLearner } from './tensor-learner.ts';

export interface NonFiniteSearch<Item extends Batch> {
  readonly learner: TensorLearner<Item>;
  readonly batches: BatchSource<Item>;
  readonly schedule: Schedule;
  readonly accumulationSteps: number;
  /** Last checkpoint with finite losses. */
  readonly from: Pick<Checkpoint, 'weights' | 'optimizer' | 'state'>;
}

/**
 * Finds the first non-finite tensor: restores the last good checkpoint, repeats the updates since then and watches
 * every tensor of the last two.
 * @returns the same error, with the name of the tensor
 */
export async function explainNonFinite<Item extends Batch>(
  error: NonFiniteLossError,
  search: NonFiniteSearch<Item>,
): Promise<NonFiniteLossError> {
  const { step } = error;
  if (step === undefined) return error;
  const text = await replay(search, step).catch(
    (cause: unknown) => `looking for the first bad tensor failed: ${(cause as Error).message}`,
  );
  return new NonFiniteLossError(`${error.message}; ${text}`, step);
}

async function replay<Item extends Batch>(
  { learner, batches, schedule, accumulationSteps, from }: NonFiniteSearch<Item>,
  lastStep: number,
): Promise<string> {
  const state = parseTrainingState(from.state);
  const { model, updater, parts } = learner;
  learner.restore(from);
  schedule.following?.restore(state.schedule);
  model.train();
  const options = { accumulationSteps, batches: batches.batchesPerEpoch - state.batch, stepsWanted: () => 1 };
  let { step } = state;
  for await (const group of batchesOfCalls(batches.batches(state.epoch, state.batch), options, learner)) {
    if (step < lastStep - 2) {
      tf.dispose(updater.run(group, step) as unknown as tf.TensorContainer);
    } else {
      const found = await checkedUpdate(model, parts, updater.withInputs(group, step));
      if (found !== undefined) return found;
    }
    step++;
    if (step >= lastStep) break;
  }
  return `made again uncompiled from step ${state.step} on, no tensor did`;
}
