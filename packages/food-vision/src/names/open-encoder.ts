import { RandomStream, zeros } from '@motley/core';
import { loadTokenizer, publishedFile, publishedWeights, readWeights } from '@motley/core/node';
import type { Tokenizer } from '@motley/core/text';
import * as tf from '@tensorflow/tfjs-core';
import { miniLmL6, SentenceEncoder } from './sentence-encoder.ts';
import { loadEncoder } from './text-vectors.ts';

const weights = publishedWeights['minilm-l6'];

/**
 * The sentence encoder that `fetch` brought, and its tokenizer. The caller disposes of the encoder.
 * @param command what fetches the weights
 * @throws UserError naming the command where they are not there
 */
export async function openSentenceEncoder(
  command: string,
): Promise<{ readonly encoder: SentenceEncoder; readonly tokenizer: Tokenizer }> {
  const tokenizer = await loadTokenizer(publishedFile(weights, 'vocab.txt', command));
  const given = await readWeights(publishedFile(weights, 'model.safetensors', command));
  const encoder = new SentenceEncoder(miniLmL6, { random: RandomStream.fromSeed(0), weightInitializer: zeros });
  try {
    loadEncoder(encoder, given);
    return { encoder: encoder.eval(), tokenizer };
  } catch (error) {
    encoder.dispose();
    throw error;
  } finally {
    tf.dispose(given);
  }
}
