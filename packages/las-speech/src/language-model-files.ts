import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeTensors } from '@motley/core';
import { readWeights } from '@motley/core/node';
import { UserError } from '@motley/run';
import { CheckpointStore } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { Alphabet } from './alphabet.ts';
import { LstmLanguageModel } from './decoding/lstm-language-model.ts';

const SYSTEM = 'char-rnn';
const NETWORK = 'network.';

/**
 * Loads the language model of a char-rnn run's folder (its best checkpoint), or of a single weights file. The caller
 * disposes of it.
 * @throws UserError naming the folder or file, what was expected and what was found
 */
export async function loadLanguageModel(path: string, alphabet: Alphabet): Promise<LstmLanguageModel> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const weights = isFolder ? await bestWeights(path) : await readWeights(path, { prefix: NETWORK });
  try {
    return LstmLanguageModel.from(weights, alphabet, path);
  } finally {
    tf.dispose(weights);
  }
}

async function bestWeights(folder: string): Promise<Record<string, tf.Tensor>> {
  const store = new CheckpointStore(join(folder, 'checkpoints'), SYSTEM);
  if (!(await store.has('best')))
    throw new UserError(`${folder}: expected the folder of a char-rnn run, with checkpoints/best, found none`);
  const { weights } = await store.load('best');
  const all = decodeTensors(weights, folder);
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, tensor]) => {
      if (name.startsWith(NETWORK)) return [[name.slice(NETWORK.length), tensor]];
      tensor.dispose();
      return [];
    }),
  );
}
