import { Linear, Module, parameter, type RandomStream, xavierUniform } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelConfig } from './config.ts';

/** Score of a step beyond a sequence's end: far below every real score, without overflow. */
const NEVER = -1e30;

/** Steps up to which a training convolves attention weights by one matrix, whose size is their square: 18 MB at 192. */
const MAX_MATRIX_STEPS = 192;

/** Listener's output as attention reads it. B batch, U steps, A attention features, H listener features. */
export interface Memory {
  /** [B, U, A] */
  readonly keys: tf.Tensor;
  /** [B, U, H] */
  readonly values: tf.Tensor;
  /** Added to scores: 0 within a sequence, −10³⁰ beyond, [B, U]. */
  readonly penalties: tf.Tensor;
  /** Constants of the location term, where there is one. */
  readonly location: readonly tf.Tensor[];
}

/** Weights of U steps, from which the context is summed. */
export interface Attention extends Module {
  /** Keys of the listener's outputs [B, U, H] with their lengths, int32 [B], and what else does not change from letter to letter. */
  remember(values: tf.Tensor, lengths: tf.Tensor): Memory;
  /**
   * @param state output of the speller's last cell, [B, D]
   * @param last weights of the letter before, [B, U]
   * @returns weights [B, U], which sum to 1, and the context Σᵤ αᵤ hᵤ, [B, H]
   */
  attend(
    state: tf.Tensor,
    last: tf.Tensor,
    memory: Memory,
  ): { readonly weights: tf.Tensor; readonly context: tf.Tensor };
}

interface Sizes {
  readonly state: number;
  readonly values: number;
  readonly attention: number;
}

/** The attention that a configuration names. */
export function createAttention(config: ModelConfig, random: RandomStream): Attention {
  const { attention, spellerUnits, listenerUnits, attentionSize, locationFilters, locationRadius } = config;
  const sizes = { state: spellerUnits, values: 2 * listenerUnits, attention: attentionSize };
  if (attention === 'dot-product') return new DotProductAttention(sizes, random);
  return new LocationAwareAttention(sizes, { filters: locationFilters, radius: locationRadius }, random);
}

/** Content-based attention eᵤ = ⟨φ(s), ψ(hᵤ)⟩ with linear φ and ψ (Chan et al., 2016, equations 9 to 11). */
class DotProductAttention extends Module implements Attention {
  readonly query: Linear;
  readonly key: Linear;
  readonly #scale: number;

  constructor({ state, values, attention }: Sizes, random: RandomStream) {
    super();
    this.query = new Linear(state, attention, { random: random.fork('query') });
    this.key = new Linear(values, attention, { random: random.fork('key') });
    // Keeps the first scores near 1, as in Vaswani et al. (2017).
    this.#scale = 1 / Math.sqrt(attention);
  }

  remember(values: tf.Tensor, lengths: tf.Tensor): Memory {
    return { ...remembered(this.key.forward(values), values, lengths), location: [] };
  }

  attend(state: tf.Tensor, _: tf.Tensor, { keys, values, penalties }: Memory) {
    const query = tf.expandDims(tf.mul(this.query.forward(state), this.#scale), 1); // [B, 1, A]
    const scores = tf.squeeze(tf.matMul(query, keys, false, true), [1]); // [B, U]
    return attended(scores, values, penalties);
  }
}

/**
 * Location-aware attention eᵤ = wᵀ tanh(W s + V hᵤ + U fᵤ + b), where f = F ∗ α convolves the last weights (Chorowski et
 * al., 2015, equations 8 and 9).
 */
class LocationAwareAttention extends Module implements Attention {
  readonly query: Linear;
  readonly key: Linear;
  readonly filters: tf.Variable; // [2 R + 1, K], F
  readonly location: Linear;
  readonly score: Linear;
  readonly #radius: number;

  constructor(
    { state, values, attention }: Sizes,
    { filters, radius }: { readonly filters: number; readonly radius: number },
    random: RandomStream,
  ) {
    super();
    this.#radius = radius;
    this.query = new Linear(state, attention, { random: random.fork('query'), bias: false });
    this.key = new Linear(values, attention, { random: random.fork('key') });
    const width = 2 * radius + 1;
    const fans = { fanIn: width, fanOut: filters };
    this.filters = parameter(xavierUniform([width, filters], fans, random.fork('filters')));
    this.location = new Linear(filters, attention, { random: random.fork('location'), bias: false });
    this.score = new Linear(attention, 1, { random: random.fork('score'), bias: false });
  }

  remember(values: tf.Tensor, lengths: tf.Tensor): Memory {
    const features = tf.matMul(this.filters, this.location.weight, false, true); // [2 R + 1, A]
    const steps = values.shape[1]!;
    const location = [this.#hasMatrix(steps) ? convolutionMatrix(features, steps) : features];
    return { ...remembered(this.key.forward(values), values, lengths), location };
  }

  attend(state: tf.Tensor, last: tf.Tensor, { keys, values, penalties, location }: Memory) {
    const [batch, steps, size] = keys.shape as [number, number, number];
    const query = tf.expandDims(this.query.forward(state), 1); // [B, 1, A]
    const convolved = this.#hasMatrix(steps)
      ? tf.matMul(last, location[0]!) // [B, U A]
      : tf.matMul(neighborhoods(last, this.#radius), location[0]!); // [B U, A]
    const place = tf.reshape(convolved, [batch, steps, size]); // [B, U, A]
    const hidden = tf.tanh(tf.add(tf.add(keys, query), place)); // [B, U, A]
    const scores = tf.reshape(this.score.forward(hidden), [batch, steps]);
    return attended(scores, values, penalties);
  }

  /** Without gradients, and for many steps, weights gathered by neighborhoods are less work. */
  #hasMatrix(steps: number): boolean {
    return this.training && steps <= MAX_MATRIX_STEPS;
  }
}

/**
 * Matrix [U, U A] that convolves a row of U weights with filters [2 R + 1, A], zero beyond the ends. One product by it
 * is far cheaper in a loop than a convolution of a single channel.
 */
function convolutionMatrix(filters: tf.Tensor, steps: number): tf.Tensor {
  const [width, size] = filters.shape as [number, number];
  const radius = (width - 1) / 2;
  const padded = tf.pad(filters, [
    [0, 1],
    [0, 0],
  ]); // the last row is 0, for pairs too far apart
  const places = Int32Array.from({ length: steps * steps }, (_, index) => {
    const offset = Math.floor(index / steps) - (index % steps) + radius;
    return offset >= 0 && offset < width ? offset : width;
  });
  return tf.reshape(tf.gather(padded, tf.tensor1d(places, 'int32')), [steps, steps * size]);
}

/** Each of U weights with its neighbors, zero beyond the ends: [B, U] → [B U, 2 R + 1]. */
function neighborhoods(weights: tf.Tensor, radius: number): tf.Tensor {
  const [batch, steps] = weights.shape as [number, number];
  const width = 2 * radius + 1;
  const padded = tf.pad(weights, [
    [0, 0],
    [radius, radius],
  ]);
  const places = Int32Array.from({ length: steps * width }, (_, index) => Math.floor(index / width) + (index % width));
  return tf.reshape(tf.gather(padded, tf.tensor1d(places, 'int32'), 1), [batch * steps, width]);
}

function remembered(keys: tf.Tensor, values: tf.Tensor, lengths: tf.Tensor): Omit<Memory, 'location'> {
  const steps = tf.range(0, values.shape[1]!, 1, 'int32');
  const isBeyond = tf.greaterEqual(steps, tf.expandDims(lengths, 1)); // [B, U]
  return { keys, values, penalties: tf.mul(tf.cast(isBeyond, 'float32'), NEVER) };
}

function attended(scores: tf.Tensor, values: tf.Tensor, penalties: tf.Tensor) {
  const weights = tf.softmax(tf.add(scores, penalties)); // [B, U]
  const context = tf.squeeze(tf.matMul(tf.expandDims(weights, 1), values), [1]); // [B, H]
  return { weights, context };
}
