import { StateDictError } from '@motley/core';
import type { StateDict } from '@motley/core';
import type { Tokenizer } from '@motley/core/text';
import * as tf from '@tensorflow/tfjs-core';
import type { SentenceEncoder } from './sentence-encoder.ts';

/** Vectors of length 1, one after the other. */
export interface Vectors {
  /** [count, width] */
  readonly values: Float32Array;
  readonly count: number;
  readonly width: number;
}

/** Word pieces of a text that are read; its last one stays the end mark. */
const LONGEST = 256;
/** Texts that are encoded at once. */
const BATCH = 64;

/** Further tensors of a published encoder: a layer for another task, and a list of the numbers from 0. */
const UNUSED = /^(?:pooler\.|embeddings\.position_ids$)/;

/** @throws StateDictError where the weights are not those of this encoder */
export function loadEncoder(encoder: SentenceEncoder, weights: StateDict): void {
  const used = Object.entries(weights).filter(([name]) => !UNUSED.test(name));
  if (used.length === 0) throw new StateDictError('state dict: expected the weights of a sentence encoder, found none');
  encoder.loadStateDict(Object.fromEntries(used));
}

/** The vectors of texts, in their order. Texts of like length are encoded together, since short ones are padded. */
export async function textVectors(
  encoder: SentenceEncoder,
  tokenizer: Tokenizer,
  texts: readonly string[],
): Promise<Vectors> {
  const pieces = texts.map((text) => shortened(tokenizer.encode(text)));
  const order = Array.from(texts.keys()).sort((a, b) => pieces[a]!.length - pieces[b]!.length);
  const width = encoder.embeddings.LayerNorm.weight.size;
  const values = new Float32Array(texts.length * width);
  for (let start = 0; start < order.length; start += BATCH) {
    const places = order.slice(start, start + BATCH);
    const encoded = tf.tidy(() =>
      encodeBatch(
        encoder,
        places.map((place) => pieces[place]!),
      ),
    );
    const rows = await encoded.data<'float32'>();
    encoded.dispose();
    for (const [row, place] of places.entries())
      values.set(rows.subarray(row * width, (row + 1) * width), place * width);
  }
  return { values, count: texts.length, width };
}

function shortened(pieces: Int32Array): Int32Array {
  if (pieces.length <= LONGEST) return pieces;
  const kept = pieces.slice(0, LONGEST);
  kept[LONGEST - 1] = pieces.at(-1)!;
  return kept;
}

function encodeBatch(encoder: SentenceEncoder, batch: readonly Int32Array[]): tf.Tensor {
  const length = batch.reduce((most, pieces) => Math.max(most, pieces.length), 1);
  const padded = new Int32Array(batch.length * length);
  const present = new Uint8Array(batch.length * length);
  for (const [row, pieces] of batch.entries()) {
    padded.set(pieces, row * length);
    present.fill(1, row * length, row * length + pieces.length);
  }
  const shape = [batch.length, length];
  return encoder.forward(tf.tensor(padded, shape, 'int32'), tf.tensor(present, shape, 'bool'));
}
