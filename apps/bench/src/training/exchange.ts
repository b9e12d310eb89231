import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTensors } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { prepare, type TrainingStep } from './step.ts';

/** Writes a step's initial weights, in PyTorch's names and layouts, and its batches, for peers in other languages. */
export async function writeExchange(step: TrainingStep, folder: string): Promise<void> {
  await chooseBackend('cpu');
  const { model, batches } = prepare(step);
  const weights = model.stateDict();
  try {
    writeFileSync(join(folder, 'weights.safetensors'), await encodeTensors(weights));
    for (const [index, batch] of batches.entries())
      writeFileSync(join(folder, `batch-${index}.safetensors`), await encodeTensors(batch));
  } finally {
    tf.dispose([weights, [...batches]]);
    model.dispose();
  }
}
