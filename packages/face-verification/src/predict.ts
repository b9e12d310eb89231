import * as tf from '@tensorflow/tfjs-core';
import type { FaceNetwork } from './model.ts';
import type { PictureVectors } from './verification/pairs.ts';

/** Mean and deviation of ImageNet's pictures by channel, values from 0 to 1: published networks expect them. */
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;
const tables = MEAN.map((mean, channel) =>
  Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / DEVIATION[channel]!),
);
/** Pictures that are embedded at once. */
const BATCH_SIZE = 100;

/** Squares as the network takes them: bytes [N, S, S, 3] → the same shape. */
export function normalize(squares: Uint8Array): Float32Array {
  const normalized = new Float32Array(squares.length);
  for (let at = 0; at < squares.length; at++) normalized[at] = tables[at % 3]![squares[at]!]!;
  return normalized;
}

/** Pictures of one size, bytes [N, S, S, 3]. */
interface Squares {
  readonly squares: Uint8Array;
  readonly size: number;
}

/** The network's input: [N, S, S, 3]. */
export function inputOf({ squares, size }: Squares): tf.Tensor {
  return tf.tensor(normalize(squares), [squares.length / (size * size * 3), size, size, 3]);
}

/**
 * Embeddings: [N, S, S, 3] → [N, D].
 * @param mirrored whether each is the mean of those of the picture and of its mirror image
 */
export function embed(model: FaceNetwork, pictures: tf.Tensor, mirrored: boolean): tf.Tensor {
  return tf.tidy(() => {
    const seen = model.embed(pictures);
    if (!mirrored) return seen;
    return tf.mul(tf.add(seen, model.embed(tf.reverse(pictures, 2))), 0.5);
  });
}

/** Embeddings of pictures, and for each the trained person whom it is taken for. */
export async function embedPictures(
  model: FaceNetwork,
  pictures: Squares & { readonly people: Int32Array },
  mirrored: boolean,
): Promise<PictureVectors & { readonly takenFor: Int32Array }> {
  const { squares, size, people } = pictures;
  const length = size * size * 3;
  const width = model.classifier.weight.shape[1]!;
  const values = new Float32Array(people.length * width);
  const takenFor = new Int32Array(people.length);
  for (let first = 0; first < people.length; first += BATCH_SIZE) {
    const part = squares.subarray(first * length, Math.min(people.length, first + BATCH_SIZE) * length);
    const [embeddings, labels] = tf.tidy((): [tf.Tensor, tf.Tensor] => {
      const found = embed(model, inputOf({ squares: part, size }), mirrored);
      return [found, tf.argMax(model.classify(found), 1)];
    });
    values.set(await embeddings.data<'float32'>(), first * width);
    takenFor.set(await labels.data<'int32'>(), first);
    embeddings.dispose();
    labels.dispose();
  }
  return { values, width, people, takenFor };
}

/** Cosine of the embeddings of two squares of the same size, from −1 to 1. */
export async function similarity(
  model: FaceNetwork,
  [first, second]: readonly [Uint8Array, Uint8Array],
  size: number,
  mirrored: boolean,
): Promise<number> {
  const cosine = tf.tidy(() => {
    const pictures = tf.concat([first, second].map((squares) => inputOf({ squares, size })));
    const [a, b] = tf.split(embed(model, pictures, mirrored), 2) as [tf.Tensor, tf.Tensor];
    return tf.div(tf.sum(tf.mul(a, b)), tf.maximum(tf.mul(tf.norm(a), tf.norm(b)), 1e-12));
  });
  const [value] = await cosine.data<'float32'>();
  cosine.dispose();
  return value!;
}
