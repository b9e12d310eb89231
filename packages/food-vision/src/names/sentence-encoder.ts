/**
 * Sentence-BERT (Reimers & Gurevych, "Sentence-BERT", EMNLP 2019, arXiv 1908.10084): the mean of what BERT's encoder
 * (Devlin et al., "BERT", NAACL 2019, arXiv 1810.04805) says of a text's word pieces, as a vector of length 1. Texts
 * that mean the same have vectors that point the same way.
 *
 * B batch, T word pieces, N heads, D features.
 */
import {
  Embedding,
  gelu,
  LayerNorm,
  Linear,
  Module,
  scaledDotProductAttention,
  type WeightOptions,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Sizes of a sentence encoder. */
export interface SentenceEncoderShape {
  /** Word pieces of the vocabulary. */
  readonly vocabulary: number;
  /** Longest text in word pieces that has positions. */
  readonly positions: number;
  readonly layers: number;
  /** N */
  readonly heads: number;
  /** D */
  readonly features: number;
  /** Hidden units of a layer's two linear layers. */
  readonly hidden: number;
}

/** all-MiniLM-L6-v2: six layers of 384 features (Wang et al., "MiniLM", 2020, arXiv 2002.10957). */
export const miniLmL6: SentenceEncoderShape = {
  vocabulary: 30_522,
  positions: 512,
  layers: 6,
  heads: 12,
  features: 384,
  hidden: 1536,
};

/** ε of the normalizations, as BERT has it. */
const EPSILON = 1e-12;
/** Which of two texts a word piece is from: there is one. */
const TEXTS = 2;

/** The sum of three vectors, of the word piece, its position and its text (Devlin et al., figure 2). */
class Embeddings extends Module {
  readonly word_embeddings: Embedding;
  readonly position_embeddings: Embedding;
  readonly token_type_embeddings: Embedding;
  readonly LayerNorm: LayerNorm;

  constructor({ vocabulary, positions, features }: SentenceEncoderShape, { random, ...rest }: WeightOptions) {
    super();
    this.word_embeddings = new Embedding(vocabulary, features, { random: random.fork('words'), ...rest });
    this.position_embeddings = new Embedding(positions, features, { random: random.fork('positions'), ...rest });
    this.token_type_embeddings = new Embedding(TEXTS, features, { random: random.fork('texts'), ...rest });
    this.LayerNorm = new LayerNorm(features, { epsilon: EPSILON });
  }

  /** Word pieces int32 [B, T] → [B, T, D] */
  forward(pieces: tf.Tensor): tf.Tensor {
    const length = pieces.shape[1]!;
    const positions = tf.slice(this.position_embeddings.weight, [0, 0], [length, -1]); // [T, D]
    const text = tf.slice(this.token_type_embeddings.weight, [0, 0], [1, -1]); // [1, D]
    return this.LayerNorm.forward(tf.add(this.word_embeddings.forward(pieces), tf.add(positions, text)));
  }
}

/** Queries, keys and values of N heads. */
class SelfAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly #heads: number;

  constructor({ features, heads }: SentenceEncoderShape, { random, ...rest }: WeightOptions) {
    super();
    this.query = new Linear(features, features, { random: random.fork('query'), ...rest });
    this.key = new Linear(features, features, { random: random.fork('key'), ...rest });
    this.value = new Linear(features, features, { random: random.fork('value'), ...rest });
    this.#heads = heads;
  }

  /** States [B, T, D], `mask` bool [B, 1, 1, T], true where there is a word piece → [B, T, D] */
  forward(states: tf.Tensor, mask: tf.Tensor): tf.Tensor {
    const [batch, length, features] = states.shape as [number, number, number];
    const split = (projection: Linear): tf.Tensor => {
      const heads = tf.reshape(projection.forward(states), [batch, length, this.#heads, features / this.#heads]);
      return tf.transpose(heads, [0, 2, 1, 3]); // [B, N, T, D / N]
    };
    const heads = scaledDotProductAttention(split(this.query), split(this.key), split(this.value), { mask });
    return tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), [batch, length, features]);
  }
}

/** LayerNorm(x + W h + b): a linear layer, the shortcut around it and what is before it, and a normalization. */
class Output extends Module {
  readonly dense: Linear;
  readonly LayerNorm: LayerNorm;

  constructor(inputs: number, features: number, options: WeightOptions) {
    super();
    this.dense = new Linear(inputs, features, options);
    this.LayerNorm = new LayerNorm(features, { epsilon: EPSILON });
  }

  forward(hidden: tf.Tensor, states: tf.Tensor): tf.Tensor {
    return this.LayerNorm.forward(tf.add(this.dense.forward(hidden), states));
  }
}

class Attention extends Module {
  readonly self: SelfAttention;
  readonly output: Output;

  constructor(shape: SentenceEncoderShape, { random, ...rest }: WeightOptions) {
    super();
    this.self = new SelfAttention(shape, { random: random.fork('self'), ...rest });
    this.output = new Output(shape.features, shape.features, { random: random.fork('output'), ...rest });
  }

  forward(states: tf.Tensor, mask: tf.Tensor): tf.Tensor {
    return this.output.forward(this.self.forward(states, mask), states);
  }
}

class Intermediate extends Module {
  readonly dense: Linear;

  constructor({ features, hidden }: SentenceEncoderShape, options: WeightOptions) {
    super();
    this.dense = new Linear(features, hidden, options);
  }

  forward(states: tf.Tensor): tf.Tensor {
    return gelu(this.dense.forward(states));
  }
}

/** a = LN(x + Attention(x)), then LN(a + W₂ GELU(W₁ a + b₁) + b₂). */
class EncoderLayer extends Module {
  readonly attention: Attention;
  readonly intermediate: Intermediate;
  readonly output: Output;

  constructor(shape: SentenceEncoderShape, { random, ...rest }: WeightOptions) {
    super();
    this.attention = new Attention(shape, { random: random.fork('attention'), ...rest });
    this.intermediate = new Intermediate(shape, { random: random.fork('intermediate'), ...rest });
    this.output = new Output(shape.hidden, shape.features, { random: random.fork('output'), ...rest });
  }

  forward(states: tf.Tensor, mask: tf.Tensor): tf.Tensor {
    const attended = this.attention.forward(states, mask);
    return this.output.forward(this.intermediate.forward(attended), attended);
  }
}

class Encoder extends Module {
  readonly layer: readonly EncoderLayer[];

  constructor(shape: SentenceEncoderShape, { random, ...rest }: WeightOptions) {
    super();
    this.layer = Array.from({ length: shape.layers }, (_, index) => {
      return new EncoderLayer(shape, { random: random.fork(`layer ${index}`), ...rest });
    });
  }

  forward(states: tf.Tensor, mask: tf.Tensor): tf.Tensor {
    return this.layer.reduce((input, layer) => layer.forward(input, mask), states);
  }
}

/** BERT's encoder and the mean over a text. Weights have the names that Hugging Face's `BertModel` gives them. */
export class SentenceEncoder extends Module {
  readonly embeddings: Embeddings;
  readonly encoder: Encoder;

  constructor(shape: SentenceEncoderShape, { random, ...rest }: WeightOptions) {
    super();
    this.embeddings = new Embeddings(shape, { random: random.fork('embeddings'), ...rest });
    this.encoder = new Encoder(shape, { random: random.fork('encoder'), ...rest });
  }

  /** Word pieces int32 [B, T], `mask` bool [B, T], true where there is one → vectors of length 1, [B, D]. */
  forward(pieces: tf.Tensor, mask: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const states = this.encoder.forward(
        this.embeddings.forward(pieces),
        tf.reshape(mask, [-1, 1, 1, pieces.shape[1]!]),
      );
      const present = tf.cast(tf.expandDims(mask, 2), 'float32'); // [B, T, 1]
      const mean = tf.div(tf.sum(tf.mul(states, present), 1), tf.sum(present, 1)); // [B, D]
      return tf.div(mean, tf.norm(mean, 2, 1, true));
    });
  }
}
