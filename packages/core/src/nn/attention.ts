import * as tf from '@tensorflow/tfjs-core';
import type { RandomTensors } from '../random/random-stream.ts';
import { customOperation } from '../tensors/custom-operation.ts';
import { dropoutFactors } from './dropout.ts';

export interface AttentionOptions {
  /** Bool, true where a query may attend to a key. Broadcasts to [..., T, S]. Default: all pairs. */
  readonly mask?: tf.Tensor | undefined;
  /** Whether query t attends to keys 0 to t only. Combines with `mask`. Default false. */
  readonly causal?: boolean;
  /** Factor of the scores. Default 1/√D. */
  readonly scale?: number;
  /** Dropout on the attention weights. Pass it in training only. */
  readonly dropout?: { readonly rate: number; readonly random: RandomTensors } | undefined;
}

/** Score of a masked pair: far below every real score, without overflow. */
const NEVER = -1e30;

/**
 * Scaled dot-product attention, softmax(Q Kᵀ / √D) V (Vaswani et al., 2017, equation 1), as one operation:
 * query [..., T, D], key [..., S, D], value [..., S, E] → float32 [..., T, E]. Leading axes (batch, heads) must be
 * equal. A query with every key masked gets 0.
 * @throws Error naming mismatched shapes, or a mask that is not bool
 */
export function scaledDotProductAttention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  options: AttentionOptions = {},
): tf.Tensor {
  const [queries = 0, depth = 0] = query.shape.slice(-2);
  const keys = key.shape.at(-2) ?? 0;
  checkShapes(query, key, value, options.mask);
  const scale = options.scale ?? 1 / Math.sqrt(depth);
  const { dropout } = options;
  return tf.tidy(() => {
    const allowed = allowedPairs(queries, keys, options);
    // Under the causal mask alone, every query attends to the first key.
    const attends = options.mask === undefined ? undefined : tf.cast(tf.any(allowed!, -1, true), 'float32');
    const scoresShape = [...query.shape.slice(0, -1), keys];
    const factors = dropout === undefined ? undefined : dropoutFactors(scoresShape, dropout.rate, dropout.random);
    return customOperation(
      [query, key, value],
      (save) => {
        const scaled = tf.mul(query, scale); // [..., T, D], cheaper to scale than the scores
        const scores = tf.matMul(scaled, key, false, true); // [..., T, S]
        const weights = tf.softmax(allowed === undefined ? scores : tf.where(allowed, scores, NEVER));
        const kept = factors === undefined ? weights : tf.mul(weights, factors);
        const product = tf.matMul(kept, value);
        const output = attends === undefined ? product : tf.mul(product, attends);
        save([scaled, key, value, weights, output, ...(attends ? [attends] : []), ...(factors ? [kept, factors] : [])]);
        return output;
      },
      (gradient, [scaled, savedKey, savedValue, weights, output, ...rest]) => {
        const attending = attends === undefined ? undefined : rest.shift();
        const [kept, drop] = rest;
        const given = attending === undefined ? gradient : tf.mul(gradient, attending);
        const byWeights = tf.matMul(given, savedValue!, false, true); // [..., T, S]
        const afterDrop = drop === undefined ? byWeights : tf.mul(byWeights, drop);
        // Σ over keys of weight · gradient, computed without another pass over [T, S] (Dao et al., 2022, equation 4).
        const mean = tf.sum(tf.mul(given, output!), -1, true); // [..., T, 1]
        const byScores = tf.mul(weights!, tf.sub(afterDrop, mean));
        return [
          tf.mul(tf.matMul(byScores, savedKey!), scale),
          tf.matMul(byScores, scaled!, true, false),
          tf.matMul(kept ?? weights!, given, true, false),
        ];
      },
    );
  });
}

/** Bool mask that broadcasts to [..., T, S]; undefined where every pair is allowed. */
function allowedPairs(
  queries: number,
  keys: number,
  { mask, causal = false }: AttentionOptions,
): tf.Tensor | undefined {
  if (!causal) return mask;
  const past = tf.greaterEqual(
    tf.reshape(tf.range(0, queries, 1, 'int32'), [queries, 1]),
    tf.range(0, keys, 1, 'int32'),
  );
  return mask === undefined ? past : tf.logicalAnd(mask, past);
}

function checkShapes(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, mask: tf.Tensor | undefined): void {
  const text = (tensor: tf.Tensor) => `[${tensor.shape.join(', ')}]`;
  const leading = (tensor: tf.Tensor) => tensor.shape.slice(0, -2).join();
  const fits =
    query.rank >= 2 &&
    leading(query) === leading(key) &&
    leading(query) === leading(value) &&
    query.rank === key.rank &&
    key.rank === value.rank &&
    query.shape.at(-1) === key.shape.at(-1) &&
    key.shape.at(-2) === value.shape.at(-2);
  if (!fits)
    throw new Error(
      'scaledDotProductAttention: expected query [..., T, D], key [..., S, D] and value [..., S, E], ' +
        `got ${text(query)}, ${text(key)} and ${text(value)}`,
    );
  if (mask === undefined) return;
  if (mask.dtype !== 'bool') throw new Error(`scaledDotProductAttention: expected a bool mask, got ${mask.dtype}`);
  const scores = [...query.shape.slice(0, -1), key.shape.at(-2)!];
  const fit =
    mask.rank <= scores.length && mask.shape.every((size, axis) => [1, scores.at(axis - mask.rank)].includes(size));
  if (!fit)
    throw new Error(
      `scaledDotProductAttention: expected a mask that broadcasts to [${scores.join(', ')}], got ${text(mask)}`,
    );
}
