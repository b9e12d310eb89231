import * as tf from '@tensorflow/tfjs-core';
import type { Alphabet } from './alphabet.ts';
import { LstmLanguageModel } from './decoding/lstm-language-model.ts';
import { loadRunWeights } from './run-weights.ts';

/**
 * Loads the language model of a char-rnn run's folder (its best checkpoint), or of a single weights file. The caller
 * disposes of it.
 * @throws UserError naming the folder or file, what was expected and what was found
 */
export async function loadLanguageModel(path: string, alphabet: Alphabet): Promise<LstmLanguageModel> {
  const weights = await loadRunWeights(path, 'char-rnn', 'network.');
  try {
    return LstmLanguageModel.from(weights, alphabet, path);
  } finally {
    tf.dispose(weights);
  }
}
