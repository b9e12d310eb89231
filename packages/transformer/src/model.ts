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

/** What a pass needs besides its tokens. */
export interface Pass {
  /** For dropout; needed while training. */
  readonly random?: RandomTensors | undefined;
  /** Hears the attention weights of every layer, float32 [B, N, T, S], by name: `decoder.0.cross_attention`. */
  readonly onAttention?: ((name: string, weights: tf.Tensor) => void) | undefined;
}

/** Keys and values of the positions so far, [B, N, L, D / N] each, of which those after the present are unused. */
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
    // Xavier's variance, 2 / (fan in + fan out), of the three as one matrix [3 D, D], as PyTorch has them.
    const ofThree = normal((2 / (width + 3 * width)) ** 0.5);
    this.query = project('query', ofThree);
    this.key = project('key', ofThree);
    this.value = project('value', ofThree);
    this.output = project('output', xavierUniform);
    this.#name = name;
    this.#heads = heads;
    this.#dropout = dropout;
  }

  /** Queries from `rows` [B, T, D] to keys of `memory` [B, S, D], where `mask`, bool [B or 1, 1, T or 1, S], allows it. */
  forward(rows: tf.Tensor, memory: tf.Tensor, mask: tf.Tensor | undefined, pass: Pass): tf.Tensor {
    return this.attend(rows, this.project(memory), mask, pass);
  }

  /** [B, S, D] → keys and values. */
  project(memory: tf.Tensor): KeysAndValues {
    return { keys: this.#split(this.key, memory), values: this.#split(this.value, memory) };
  }

  /** Attention(Q, K, V) = softmax(Q Kᵀ / √d) V (equation 1), all heads at once. */
  attend(rows: tf.Tensor, { keys, values }: KeysAndValues, mask: tf.Tensor | undefined, pass: Pass): tf.Tensor {
    const queries = this.#split(this.query, rows); // [B, N, T, D / N]
    if (pass.onAttention !== undefined) pass.onAttention(this.#name, attentionWeights(queries, keys, mask));
    const dropout =
      this.training && this.#dropout > 0 ? { rate: this.#dropout, random: needed(pass.random) } : undefined;
    const heads = scaledDotProductAttention(queries, keys, values, { mask, dropout }); // [B, N, T, D / N]
    return this.output.forward(tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), rows.shape));
  }

  #split(projection: Linear, rows: tf.Tensor): tf.Tensor {
    const [batchSize, length, width] = rows.shape as [number, number, number];
    const heads = tf.reshape(projection.forward(rows), [batchSize, length, this.#heads, width / this.#heads]);
    return tf.transpose(heads, [0, 2, 1, 3]);
  }
}

/** softmax(Q Kᵀ / √d) where `mask` allows it, 0 elsewhere: queries [B, N, T, d], keys [B, N, S, d] → [B, N, T, S]. */
export function attentionWeights(queries: tf.Tensor, keys: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  const scores = tf.div(tf.matMul(queries, keys, false, true), Math.sqrt(queries.shape.at(-1)!));
  return tf.softmax(mask === undefined ? scores : tf.where(mask, scores, -1e30));
}

/** FFN(x) = max(0, x W₁ + b₁) W₂ + b₂ at each position (equation 2). */
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
    return this.narrow.forward(this.training ? this.dropout.forward(wide, needed(random)) : wide);
  }
}

/**
 * The residual around every part: LayerNorm(x + Dropout(part(x))) as in the paper, or x + Dropout(part(LayerNorm(x))),
 * which trains without care for the warm-up (Xiong et al., 2020).
 */
export class Residual extends Module {
  readonly norm: LayerNorm;
  readonly dropout: Dropout;
  readonly #isBefore: boolean;

  constructor({ width, dropout, norm }: ModelConfig) {
    super();
    this.norm = new LayerNorm(width);
    this.dropout = new Dropout(dropout);
    this.#isBefore = norm === 'pre';
  }

  forward(rows: tf.Tensor, part: (rows: tf.Tensor) => tf.Tensor, { random }: Pass): tf.Tensor {
    const result = part(this.#isBefore ? this.norm.forward(rows) : rows);
    const sum = tf.add(rows, this.training ? this.dropout.forward(result, needed(random)) : result);
    return this.#isBefore ? sum : this.norm.forward(sum);
  }
}

/** What the decoder attends to: the encoder's output by one layer's projections, and where it is no padding. */
export interface Memory extends KeysAndValues {
  readonly mask: tf.Tensor; // bool [B, 1, 1, S]
}

/** A layer of the encoder, or with `crosses` of the decoder: between its two parts it attends to a memory (section 3.1). */
export class Layer extends Module {
  readonly self_attention: MultiHeadAttention;
  readonly self_residual: Residual;
  readonly cross_attention: MultiHeadAttention | undefined;
  readonly cross_residual: Residual | undefined;
  readonly feed_forward: FeedForward;
  readonly feed_forward_residual: Residual;

  constructor(name: string, config: ModelConfig, random: RandomStream, crosses: boolean) {
    super();
    const attention = (part: string): MultiHeadAttention =>
      new MultiHeadAttention(`${name}.${part}`, config, random.fork(part));
    this.self_attention = attention('self_attention');
    this.self_residual = new Residual(config);
    this.cross_attention = crosses ? attention('cross_attention') : undefined;
    this.cross_residual = crosses ? new Residual(config) : undefined;
    this.feed_forward = new FeedForward(config, random.fork('feed_forward'));
    this.feed_forward_residual = new Residual(config);
  }

  /** All positions at once: [B, T, D], `mask` bool [B, 1, 1, T] or [T, T] → [B, T, D]. */
  forward(rows: tf.Tensor, mask: tf.Tensor | undefined, memory: Memory | undefined, pass: Pass): tf.Tensor {
    return this.#parts(rows, (x) => this.self_attention.forward(x, x, mask, pass), memory, pass);
  }

  /** One position, [B, 1, D], that attends to itself and to those before it, which `cache` holds. */
  step(
    row: tf.Tensor,
    cache: KeysAndValues,
    position: tf.Tensor,
    memory: Memory | undefined,
    pass: Pass,
  ): { readonly row: tf.Tensor; readonly cache: KeysAndValues } {
    let grown = cache;
    const attendSelf = (x: tf.Tensor): tf.Tensor => {
      grown = insert(cache, this.self_attention.project(x), position);
      return this.self_attention.attend(x, grown, upTo(position, cache.keys.shape[2]!), pass);
    };
    return { row: this.#parts(row, attendSelf, memory, pass), cache: grown };
  }

  #parts(rows: tf.Tensor, attendSelf: (x: tf.Tensor) => tf.Tensor, memory: Memory | undefined, pass: Pass): tf.Tensor {
    let state = this.self_residual.forward(rows, attendSelf, pass);
    if (this.cross_residual !== undefined && memory !== undefined) {
      const cross = this.cross_attention!;
      state = this.cross_residual.forward(state, (x) => cross.attend(x, memory, memory.mask, pass), pass);
    }
    return this.feed_forward_residual.forward(state, (x) => this.feed_forward.forward(x, pass), pass);
  }
}

/** Layers above each other; where each normalises before its parts, a last norm ends them. */
export class Stack extends Module {
  readonly layers: readonly Layer[];
  readonly norm: LayerNorm | undefined;

  constructor(name: string, config: ModelConfig, random: RandomStream, crosses: boolean) {
    super();
    this.layers = Array.from(
      { length: config.layers },
      (_, index) => new Layer(`${name}.${index}`, config, random.fork(`${name}.${index}`), crosses),
    );
    this.norm = config.norm === 'pre' ? new LayerNorm(config.width) : undefined;
  }

  /** `memories`: of each layer. [B, T, D] → [B, T, D] */
  forward(rows: tf.Tensor, mask: tf.Tensor | undefined, memories: readonly Memory[], pass: Pass): tf.Tensor {
    const state = this.layers.reduce((x, layer, index) => layer.forward(x, mask, memories[index], pass), rows);
    return this.norm?.forward(state) ?? state;
  }

  /** What each layer's cross-attention keeps of the encoder's output [B, S, D]. */
  memories(encoded: tf.Tensor, mask: tf.Tensor): Memory[] {
    return this.layers.map(({ cross_attention: cross }) => ({ ...cross!.project(encoded), mask }));
  }
}

/** Symbols and where they stand: E[x] √D + P (sections 3.4 and 3.5). */
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

  /** int32 [B, T] from position `start` on (an int32 scalar, for T = 1) → [B, T, D] */
  forward(tokens: tf.Tensor, { random }: Pass, start?: tf.Tensor): tf.Tensor {
    const table = this.positions ?? tf.tensor(this.#sinusoids, [this.#length, this.#width]);
    const places =
      start === undefined
        ? tf.slice(table, [0, 0], [tokens.shape[1]!, this.#width])
        : tf.gather(table, tf.reshape(start, [1]));
    const rows = tf.add(tf.mul(this.tokens.forward(tokens), Math.sqrt(this.#width)), places);
    return this.training ? this.dropout.forward(rows, needed(random)) : rows;
  }
}

/** PE(t, 2i) = sin(t / 10000^(2i/D)), PE(t, 2i + 1) = cos of the same (section 3.5): [length, width]. */
export function sinusoids(length: number, width: number): Float32Array {
  return Float32Array.from({ length: length * width }, (_, index) => {
    const column = index % width;
    const angle = Math.floor(index / width) / 10_000 ** ((column - (column % 2)) / width);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}

/** What decoding keeps from one symbol to the next. */
export interface DecoderState {
  readonly caches: readonly KeysAndValues[];
  readonly memories: readonly Memory[];
  /** The classifier's weight transposed, [D, V]: the product with few rows reads it as it lies, twice as fast. */
  readonly output: tf.Tensor;
}

/** The encoder–decoder (figure 1); without an encoder, a language model. */
export class Transformer extends Module {
  readonly embedding: TokenEmbedding;
  readonly encoder: Stack | undefined;
  readonly decoder: Stack;
  /** Absent where the embedding's weights are those of the output too (section 3.4). */
  readonly classifier: Linear | undefined;
  /** Of the byte-pair encoding whose symbols it reads, int32 [M, 2]: with the weights, so that no vocabulary is another's. */
  readonly merges: tf.Variable | undefined;
  readonly config: ModelConfig;

  constructor(config: ModelConfig, random: RandomStream, merges?: readonly (readonly [number, number])[]) {
    super();
    this.config = config;
    this.embedding = new TokenEmbedding(config, random.fork('embedding'));
    const crosses = config.kind === 'encoder-decoder';
    this.encoder = crosses ? new Stack('encoder', config, random.fork('encoder'), false) : undefined;
    this.decoder = new Stack('decoder', config, random.fork('decoder'), crosses);
    this.classifier = config.tiedEmbeddings
      ? undefined
      : new Linear(config.width, config.vocabulary, { random: random.fork('classifier'), bias: false });
    this.merges = merges === undefined ? undefined : buffer(tf.tensor2d(merges.flat(), [merges.length, 2], 'int32'));
  }

  /** Source symbols int32 [B, S] → what each layer of the decoder attends to; nothing without an encoder. */
  encode(source: tf.Tensor | undefined, pass: Pass = {}): Memory[] {
    if (this.encoder === undefined || source === undefined) return [];
    const mask = paddingMask(source);
    const encoded = this.encoder.forward(this.embedding.forward(source, pass), mask, [], pass);
    return this.decoder.memories(encoded, mask);
  }

  /** Logits of the symbol after each of `target`, int32 [B, T] → [B, T, V]. */
  decode(target: tf.Tensor, memories: readonly Memory[], pass: Pass = {}): tf.Tensor {
    const rows = this.embedding.forward(target, pass);
    // Padding comes last: what is causal does not see it.
    return this.#classify(this.decoder.forward(rows, causalMask(target.shape[1]!), memories, pass));
  }

  /** Logits [B, T, V] of the target's symbols, each from those before it and the source. */
  forward(source: tf.Tensor | undefined, target: tf.Tensor, pass: Pass = {}): tf.Tensor {
    return this.decode(target, this.encode(source, pass), pass);
  }

  /** Before the first symbol, with room for `length`. */
  begin(batchSize: number, length: number, memories: readonly Memory[]): DecoderState {
    const { heads, width } = this.config;
    const empty = (): tf.Tensor => tf.zeros([batchSize, heads, length, width / heads]);
    const caches = this.decoder.layers.map(() => ({ keys: empty(), values: empty() }));
    return { memories, caches, output: tf.transpose(this.#outputWeight) };
  }

  /**
   * The symbol at `position`, an int32 scalar, int32 [B] → logits [B, V] of the next, at the cost of one position: the
   * others' keys and values are in the state.
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

/** bool [1, 1, 1, L], true up to `position` and there. */
function upTo(position: tf.Tensor, length: number): tf.Tensor {
  return tf.reshape(tf.lessEqual(tf.range(0, length, 1, 'int32'), position), [1, 1, 1, length]);
}

/** The cache with one more position's keys and values, [B, N, 1, D / N]. */
function insert(cache: KeysAndValues, { keys, values }: KeysAndValues, position: tf.Tensor): KeysAndValues {
  const [batchSize, heads, , width] = cache.keys.shape as [number, number, number, number];
  // Written where it lies: a selection copies the whole cache for every symbol.
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

function needed(random: RandomTensors | undefined): RandomTensors {
  if (random === undefined)
    throw new Error('Transformer: expected random numbers for dropout while training, got none');
  return random;
}
