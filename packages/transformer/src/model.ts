/**
 * The Transformer (Vaswani et al., "Attention is all you need", 2017).
 *
 * B batch, T target positions, S source positions, D features, N heads, V vocabulary.
 */
import {
  buffer,
  Dropout,
  Embedding,
  type Initializer,
  LayerNorm,
  Linear,
  Module,
  normal,
  parameter,
  type RandomStream,
  type RandomTensors,
  scaledDotProductAttention,
  xavierUniform,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelConfig } from './config.ts';
import { causalMask, paddingMask } from './masks.ts';

/** Options of a forward pass. */
export interface Pass {
  /** Random numbers for dropout; required in training. */
  readonly random?: RandomTensors | undefined;
  /** Receives each layer's attention weights, float32 [B, N, T, S], by name: `decoder.0.cross_attention`. */
  readonly onAttention?: ((name: string, weights: tf.Tensor) => void) | undefined;
}

/** Cached keys and values, [B, N, L, D / N] each; positions after the current one are unused. */
export interface KeysAndValues extends Readonly<Record<string, tf.Tensor>> {
  readonly keys: tf.Tensor;
  readonly values: tf.Tensor;
}

/** MultiHead(Q, K, V) = Concat(head₁, …, headₙ) Wᴼ, headᵢ = Attention(Q Wᵢ, K Wᵢ, V Wᵢ) (section 3.2.2). */
export class MultiHeadAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly #name: string;
  readonly #heads: number;
  readonly #dropout: number;

  constructor(name: string, { width, heads, dropout }: ModelConfig, random: RandomStream) {
    super();
    const project = (part: string, weightInitializer: Initializer): Linear =>
      new Linear(width, width, { random: random.fork(part), weightInitializer });
    // Xavier variance, 2 / (fan in + fan out), of one matrix [3 D, D], as in PyTorch.
    const fusedNormal = normal((2 / (width + 3 * width)) ** 0.5);
    this.query = project('query', fusedNormal);
    this.key = project('key', fusedNormal);
    this.value = project('value', fusedNormal);
    this.output = project('output', xavierUniform);
    this.#name = name;
    this.#heads = heads;
    this.#dropout = dropout;
  }

  /** Queries from `rows` [B, T, D], keys and values from `memory` [B, S, D], `mask` bool [B or 1, 1, T or 1, S] → [B, T, D]. */
  forward(rows: tf.Tensor, memory: tf.Tensor, mask: tf.Tensor | undefined, pass: Pass): tf.Tensor {
    return this.attend(rows, this.project(memory), mask, pass);
  }

  /** Projects [B, S, D] to keys and values. */
  project(memory: tf.Tensor): KeysAndValues {
    return { keys: this.#split(this.key, memory), values: this.#split(this.value, memory) };
  }

  /** Attention(Q, K, V) = softmax(Q Kᵀ / √d) V (equation 1), all heads in one operation. */
  attend(rows: tf.Tensor, { keys, values }: KeysAndValues, mask: tf.Tensor | undefined, pass: Pass): tf.Tensor {
    const queries = this.#split(this.query, rows); // [B, N, T, D / N]
    if (pass.onAttention !== undefined) pass.onAttention(this.#name, attentionWeights(queries, keys, mask));
    const dropout =
      this.training && this.#dropout > 0 ? { rate: this.#dropout, random: requireRandom(pass.random) } : undefined;
    const heads = scaledDotProductAttention(queries, keys, values, { mask, dropout }); // [B, N, T, D / N]
    return this.output.forward(tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), rows.shape)); // [B, T, D]
  }

  #split(projection: Linear, rows: tf.Tensor): tf.Tensor {
    const [batchSize, length, width] = rows.shape as [number, number, number];
    const heads = tf.reshape(projection.forward(rows), [batchSize, length, this.#heads, width / this.#heads]);
    return tf.transpose(heads, [0, 2, 1, 3]); // [B, N, T, D / N]
  }
}

/** softmax(Q Kᵀ / √d), 0 where `mask` is false: queries [B, N, T, d], keys [B, N, S, d] → [B, N, T, S]. */
export function attentionWeights(queries: tf.Tensor, keys: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  const scores = tf.div(tf.matMul(queries, keys, false, true), Math.sqrt(queries.shape.at(-1)!));
  return tf.softmax(mask === undefined ? scores : tf.where(mask, scores, -1e30));
}

/** Position-wise feed-forward network: FFN(x) = max(0, x W₁ + b₁) W₂ + b₂ (equation 2). */
export class FeedForward extends Module {
  readonly wide: Linear;
  readonly narrow: Linear;
  readonly dropout: Dropout;

  constructor({ width, feedForwardWidth, dropout }: ModelConfig, random: RandomStream) {
    super();
    this.wide = new Linear(width, feedForwardWidth, { random: random.fork('wide'), weightInitializer: xavierUniform });
    this.narrow = new Linear(feedForwardWidth, width, {
      random: random.fork('narrow'),
      weightInitializer: xavierUniform,
    });
    this.dropout = new Dropout(dropout);
  }

  /** [B, T, D] → [B, T, D] */
  forward(rows: tf.Tensor, { random }: Pass): tf.Tensor {
    const wide = tf.relu(this.wide.forward(rows));
    return this.narrow.forward(this.training ? this.dropout.forward(wide, requireRandom(random)) : wide);
  }
}

/**
 * Residual connection around a sublayer. Post-norm: LayerNorm(x + Dropout(sublayer(x))), as in the paper. Pre-norm:
 * x + Dropout(sublayer(LayerNorm(x))), which is robust to the warm-up length (Xiong et al., 2020).
 */
export class Residual extends Module {
  readonly norm: LayerNorm;
  readonly dropout: Dropout;
  readonly #isPreNorm: boolean;

  constructor({ width, dropout, norm }: ModelConfig) {
    super();
    this.norm = new LayerNorm(width);
    this.dropout = new Dropout(dropout);
    this.#isPreNorm = norm === 'pre';
  }

  forward(rows: tf.Tensor, sublayer: (rows: tf.Tensor) => tf.Tensor, { random }: Pass): tf.Tensor {
    const result = sublayer(this.#isPreNorm ? this.norm.forward(rows) : rows);
    const sum = tf.add(rows, this.training ? this.dropout.forward(result, requireRandom(random)) : result);
    return this.#isPreNorm ? sum : this.norm.forward(sum);
  }
}

/** Keys and values of the encoder's output for one decoder layer, and its padding mask. */
export interface Memory extends KeysAndValues {
  readonly mask: tf.Tensor; // bool [B, 1, 1, S]
}

/** Encoder layer; with `hasCrossAttention`, decoder layer, which also attends to the encoder's output (section 3.1). */
export class Layer extends Module {
  readonly self_attention: MultiHeadAttention;
  readonly self_residual: Residual;
  readonly cross_attention: MultiHeadAttention | undefined;
  readonly cross_residual: Residual | undefined;
  readonly feed_forward: FeedForward;
  readonly feed_forward_residual: Residual;

  constructor(name: string, config: ModelConfig, random: RandomStream, hasCrossAttention: boolean) {
    super();
    const attention = (part: string): MultiHeadAttention =>
      new MultiHeadAttention(`${name}.${part}`, config, random.fork(part));
    this.self_attention = attention('self_attention');
    this.self_residual = new Residual(config);
    this.cross_attention = hasCrossAttention ? attention('cross_attention') : undefined;
    this.cross_residual = hasCrossAttention ? new Residual(config) : undefined;
    this.feed_forward = new FeedForward(config, random.fork('feed_forward'));
    this.feed_forward_residual = new Residual(config);
  }

  /** Processes all positions: [B, T, D], `mask` bool [B, 1, 1, T] or [T, T] → [B, T, D]. */
  forward(rows: tf.Tensor, mask: tf.Tensor | undefined, memory: Memory | undefined, pass: Pass): tf.Tensor {
    return this.#sublayers(rows, (x) => this.self_attention.forward(x, x, mask, pass), memory, pass);
  }

  /** Processes one position, [B, 1, D], which attends to itself and to the earlier positions in `cache`. */
  step(
    row: tf.Tensor,
    cache: KeysAndValues,
    position: tf.Tensor,
    memory: Memory | undefined,
    pass: Pass,
  ): { readonly row: tf.Tensor; readonly cache: KeysAndValues } {
    let grown = cache;
    const attendSelf = (x: tf.Tensor): tf.Tensor => {
      grown = updateCache(cache, this.self_attention.project(x), position);
      return this.self_attention.attend(x, grown, maskUpTo(position, cache.keys.shape[2]!), pass);
    };
    return { row: this.#sublayers(row, attendSelf, memory, pass), cache: grown };
  }

  #sublayers(
    rows: tf.Tensor,
    attendSelf: (x: tf.Tensor) => tf.Tensor,
    memory: Memory | undefined,
    pass: Pass,
  ): tf.Tensor {
    let state = this.self_residual.forward(rows, attendSelf, pass);
    if (this.cross_residual !== undefined && memory !== undefined) {
      const cross = this.cross_attention!;
      state = this.cross_residual.forward(state, (x) => cross.attend(x, memory, memory.mask, pass), pass);
    }
    return this.feed_forward_residual.forward(state, (x) => this.feed_forward.forward(x, pass), pass);
  }
}

/** Stack of layers; with pre-norm, a final layer norm follows. */
export class Stack extends Module {
  readonly layers: readonly Layer[];
  readonly norm: LayerNorm | undefined;

  constructor(name: string, config: ModelConfig, random: RandomStream, hasCrossAttention: boolean) {
    super();
    this.layers = Array.from(
      { length: config.layers },
      (_, index) => new Layer(`${name}.${index}`, config, random.fork(`${name}.${index}`), hasCrossAttention),
    );
    this.norm = config.norm === 'pre' ? new LayerNorm(config.width) : undefined;
  }

  /** [B, T, D] → [B, T, D]; `memories` has one entry per layer. */
  forward(rows: tf.Tensor, mask: tf.Tensor | undefined, memories: readonly Memory[], pass: Pass): tf.Tensor {
    const state = this.layers.reduce((x, layer, index) => layer.forward(x, mask, memories[index], pass), rows);
    return this.norm?.forward(state) ?? state;
  }

  /** Keys and values of each layer's cross-attention for the encoder's output [B, S, D]. */
  memories(encoded: tf.Tensor, mask: tf.Tensor): Memory[] {
    return this.layers.map(({ cross_attention: cross }) => ({ ...cross!.project(encoded), mask }));
  }
}

/** Token embedding plus positional encoding: E[x] √D + P (sections 3.4 and 3.5). */
export class TokenEmbedding extends Module {
  readonly tokens: Embedding;
  readonly positions: tf.Variable | undefined; // [L, D]
  readonly dropout: Dropout;
  readonly #sinusoids: Float32Array;
  readonly #width: number;
  readonly #length: number;

  constructor({ width, vocabulary, maxLength, positions, dropout }: ModelConfig, random: RandomStream) {
    super();
    const weightInitializer = normal(width ** -0.5);
    this.tokens = new Embedding(vocabulary, width, { random: random.fork('tokens'), weightInitializer });
    this.positions =
      positions === 'learned'
        ? parameter(tf.tensor(random.fork('positions').normalValues(maxLength * width, 0, 0.02), [maxLength, width]))
        : undefined;
    this.dropout = new Dropout(dropout);
    this.#sinusoids = sinusoids(maxLength, width);
    this.#width = width;
    this.#length = maxLength;
  }

  /** int32 [B, T] → [B, T, D]; `start`, an int32 scalar, is the position of a single token (T = 1). */
  forward(tokens: tf.Tensor, { random }: Pass, start?: tf.Tensor): tf.Tensor {
    const table = this.positions ?? tf.tensor(this.#sinusoids, [this.#length, this.#width]);
    const encodings =
      start === undefined
        ? tf.slice(table, [0, 0], [tokens.shape[1]!, this.#width])
        : tf.gather(table, tf.reshape(start, [1]));
    const rows = tf.add(tf.mul(this.tokens.forward(tokens), Math.sqrt(this.#width)), encodings);
    return this.training ? this.dropout.forward(rows, requireRandom(random)) : rows;
  }
}

/** Sinusoidal positional encoding: PE(t, 2i) = sin(t / 10000^(2i/D)), PE(t, 2i + 1) = cos(t / 10000^(2i/D)) (section 3.5), [length, width]. */
export function sinusoids(length: number, width: number): Float32Array {
  return Float32Array.from({ length: length * width }, (_, index) => {
    const column = index % width;
    const angle = Math.floor(index / width) / 10_000 ** ((column - (column % 2)) / width);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}

/** State of incremental decoding. */
export interface DecoderState {
  readonly caches: readonly KeysAndValues[];
  readonly memories: readonly Memory[];
  /** Output projection transposed, [D, V]; a product with few rows is twice as fast in this layout. */
  readonly output: tf.Tensor;
}

/** Encoder-decoder Transformer (figure 1); decoder-only, it is a language model. */
export class Transformer extends Module {
  readonly embedding: TokenEmbedding;
  readonly encoder: Stack | undefined;
  readonly decoder: Stack;
  /** Output projection; undefined if its weights are tied to the embedding (section 3.4). */
  readonly classifier: Linear | undefined;
  /** Merges of the byte-pair encoding, int32 [M, 2]; saved with the weights, so a checkpoint has its own vocabulary. */
  readonly merges: tf.Variable | undefined;
  readonly config: ModelConfig;

  constructor(config: ModelConfig, random: RandomStream, merges?: readonly (readonly [number, number])[]) {
    super();
    this.config = config;
    this.embedding = new TokenEmbedding(config, random.fork('embedding'));
    const hasCrossAttention = config.kind === 'encoder-decoder';
    this.encoder = hasCrossAttention ? new Stack('encoder', config, random.fork('encoder'), false) : undefined;
    this.decoder = new Stack('decoder', config, random.fork('decoder'), hasCrossAttention);
    this.classifier = config.tiedEmbeddings
      ? undefined
      : new Linear(config.width, config.vocabulary, { random: random.fork('classifier'), bias: false });
    this.merges = merges === undefined ? undefined : buffer(tf.tensor2d(merges.flat(), [merges.length, 2], 'int32'));
  }

  /** Encodes source symbols int32 [B, S] to each decoder layer's memory; empty without an encoder. */
  encode(source: tf.Tensor | undefined, pass: Pass = {}): Memory[] {
    if (this.encoder === undefined || source === undefined) return [];
    const mask = paddingMask(source);
    const encoded = this.encoder.forward(this.embedding.forward(source, pass), mask, [], pass);
    return this.decoder.memories(encoded, mask);
  }

  /** Logits of the next symbol at each position of `target`, int32 [B, T] → [B, T, V]. */
  decode(target: tf.Tensor, memories: readonly Memory[], pass: Pass = {}): tf.Tensor {
    const rows = this.embedding.forward(target, pass);
    // Padding comes last, so the causal mask hides it.
    return this.#classify(this.decoder.forward(rows, causalMask(target.shape[1]!), memories, pass));
  }

  /** Logits of the next symbol at each position: source int32 [B, S], target int32 [B, T] → [B, T, V]. */
  forward(source: tf.Tensor | undefined, target: tf.Tensor, pass: Pass = {}): tf.Tensor {
    return this.decode(target, this.encode(source, pass), pass);
  }

  /** Initial decoding state, with caches for `length` symbols. */
  begin(batchSize: number, length: number, memories: readonly Memory[]): DecoderState {
    const { heads, width } = this.config;
    const empty = (): tf.Tensor => tf.zeros([batchSize, heads, length, width / heads]);
    const caches = this.decoder.layers.map(() => ({ keys: empty(), values: empty() }));
    return { memories, caches, output: tf.transpose(this.#outputWeight) };
  }

  /**
   * Decodes one position: symbols int32 [B] at `position`, an int32 scalar → logits [B, V] of the next symbol. Keys and
   * values of the earlier positions come from the state.
   */
  step(symbols: tf.Tensor, position: tf.Tensor, { caches, memories, output }: DecoderState) {
    let row = this.embedding.forward(tf.expandDims(symbols, 1), {}, position); // [B, 1, D]
    const grown = this.decoder.layers.map((layer, index) => {
      const result = layer.step(row, caches[index]!, position, memories[index], {});
      row = result.row;
      return result.cache;
    });
    const last = tf.squeeze(this.decoder.norm?.forward(row) ?? row, [1]); // [B, D]
    return { logits: tf.matMul(last, output), state: { caches: grown, memories, output } };
  }

  /** [B, T, D] → [B, T, V] */
  #classify(rows: tf.Tensor): tf.Tensor {
    const [batchSize, length, width] = rows.shape as [number, number, number];
    const logits = tf.matMul(tf.reshape(rows, [-1, width]), this.#outputWeight, false, true);
    return tf.reshape(logits, [batchSize, length, this.config.vocabulary]);
  }

  /** [V, D] */
  get #outputWeight(): tf.Variable {
    return this.classifier?.weight ?? this.embedding.tokens.weight;
  }
}

/** Mask of one query at `position`: bool [1, 1, 1, L], true up to and including `position`. */
function maskUpTo(position: tf.Tensor, length: number): tf.Tensor {
  return tf.reshape(tf.lessEqual(tf.range(0, length, 1, 'int32'), position), [1, 1, 1, length]);
}

/** Writes one position's keys and values, [B, N, 1, D / N], into the cache. */
function updateCache(cache: KeysAndValues, { keys, values }: KeysAndValues, position: tf.Tensor): KeysAndValues {
  const [batchSize, heads, , width] = cache.keys.shape as [number, number, number, number];
  // A scatter updates the cache in place; tf.where would copy all of it for every symbol.
  const count = batchSize * heads;
  const firsts = Int32Array.from({ length: 3 * count }, (_, index) => {
    const row = Math.floor(index / 3);
    return [Math.floor(row / heads), row % heads, 0][index % 3]!;
  });
  const places = tf.add(tf.tensor2d(firsts, [count, 3], 'int32'), tf.mul(position, tf.tensor1d([0, 0, 1], 'int32')));
  const written = (whole: tf.Tensor, part: tf.Tensor): tf.Tensor =>
    tf.tensorScatterUpdate(whole, places, tf.reshape(part, [count, width]));
  return { keys: written(cache.keys, keys), values: written(cache.values, values) };
}

function requireRandom(random: RandomTensors | undefined): RandomTensors {
  if (random === undefined)
    throw new Error('Transformer: expected random numbers for dropout while training, got none');
  return random;
}
