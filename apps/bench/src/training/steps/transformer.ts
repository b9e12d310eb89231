/**
 * The encoder–decoder of Vaswani et al., "Attention is all you need" (2017), normalised before each part.
 *
 * B batch, T positions, D features, N heads, V vocabulary; rows of all positions are kept flat: [B T, D].
 */
import {
  AdamW,
  Embedding,
  LayerNorm,
  Linear,
  Module,
  normal,
  parameter,
  type RandomStream,
  scaledDotProductAttention,
  softmaxCrossEntropy,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { integerTensor } from './random-batch.ts';

const batchSize = 16;
const length = 64;
const width = 256;
const heads = 8;
const layers = 3;
const vocabulary = 8000;
const labelSmoothing = 0.1;

/** [B T, D] → [B, N, T, D / N] */
function toHeads(rows: tf.Tensor): tf.Tensor {
  return tf.transpose(tf.reshape(rows, [-1, length, heads, width / heads]), [0, 2, 1, 3]);
}

class Attention extends Module {
  readonly query: Linear;
  readonly key_value: Linear;
  readonly output: Linear;

  constructor(random: RandomStream) {
    super();
    this.query = new Linear(width, width, { random });
    this.key_value = new Linear(width, 2 * width, { random });
    this.output = new Linear(width, width, { random });
  }

  /** From `rows` to `memory`, [B T, D] each → [B T, D]. */
  forward(rows: tf.Tensor, memory: tf.Tensor, causal = false): tf.Tensor {
    const [key, value] = tf.split(this.key_value.forward(memory), 2, 1);
    const query = this.query.forward(rows);
    const mixed = scaledDotProductAttention(toHeads(query), toHeads(key!), toHeads(value!), { causal });
    return this.output.forward(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [-1, width]));
  }
}

class FeedForward extends Module {
  readonly wide: Linear;
  readonly narrow: Linear;

  constructor(random: RandomStream) {
    super();
    this.wide = new Linear(width, 4 * width, { random });
    this.narrow = new Linear(4 * width, width, { random });
  }

  forward(rows: tf.Tensor): tf.Tensor {
    return this.narrow.forward(tf.relu(this.wide.forward(rows)));
  }
}

class EncoderLayer extends Module {
  readonly norm_attention = new LayerNorm(width);
  readonly attention: Attention;
  readonly norm_feed_forward = new LayerNorm(width);
  readonly feed_forward: FeedForward;

  constructor(random: RandomStream) {
    super();
    this.attention = new Attention(random);
    this.feed_forward = new FeedForward(random);
  }

  forward(rows: tf.Tensor): tf.Tensor {
    const normed = this.norm_attention.forward(rows);
    const attended = tf.add(rows, this.attention.forward(normed, normed));
    return tf.add(attended, this.feed_forward.forward(this.norm_feed_forward.forward(attended)));
  }
}

class DecoderLayer extends Module {
  readonly norm_self = new LayerNorm(width);
  readonly self_attention: Attention;
  readonly norm_cross = new LayerNorm(width);
  readonly cross_attention: Attention;
  readonly norm_feed_forward = new LayerNorm(width);
  readonly feed_forward: FeedForward;

  constructor(random: RandomStream) {
    super();
    this.self_attention = new Attention(random);
    this.cross_attention = new Attention(random);
    this.feed_forward = new FeedForward(random);
  }

  forward(rows: tf.Tensor, memory: tf.Tensor): tf.Tensor {
    const normed = this.norm_self.forward(rows);
    const own = tf.add(rows, this.self_attention.forward(normed, normed, true));
    const crossed = tf.add(own, this.cross_attention.forward(this.norm_cross.forward(own), memory));
    return tf.add(crossed, this.feed_forward.forward(this.norm_feed_forward.forward(crossed)));
  }
}

class Transformer extends Module {
  readonly source_embedding: Embedding;
  readonly target_embedding: Embedding;
  readonly positions: tf.Variable; // [T, D]
  readonly encoder: readonly EncoderLayer[];
  readonly encoder_norm = new LayerNorm(width);
  readonly decoder: readonly DecoderLayer[];
  readonly decoder_norm = new LayerNorm(width);
  readonly classifier: Linear;

  constructor(random: RandomStream) {
    super();
    const options = { random, weightInitializer: normal(0.02) };
    const each = Array.from({ length: layers });
    this.source_embedding = new Embedding(vocabulary, width, options);
    this.target_embedding = new Embedding(vocabulary, width, options);
    this.positions = parameter(tf.tensor(random.normalValues(length * width, 0, 0.02), [length, width]));
    this.encoder = each.map(() => new EncoderLayer(random));
    this.decoder = each.map(() => new DecoderLayer(random));
    this.classifier = new Linear(width, vocabulary, { random, bias: false });
  }

  /** `source`, `input` and `target` [B, T]: what is translated, what has been said, and what comes next. */
  loss({ source, input, target }: Batch): tf.Tensor {
    const rows = (vectors: tf.Tensor) => tf.reshape(tf.add(vectors, this.positions), [-1, width]);
    let memory = rows(this.source_embedding.forward(source!));
    for (const layer of this.encoder) memory = layer.forward(memory);
    memory = this.encoder_norm.forward(memory);
    let state = rows(this.target_embedding.forward(input!));
    for (const layer of this.decoder) state = layer.forward(state, memory);
    const logits = this.classifier.forward(this.decoder_norm.forward(state)); // [B T, V]
    return softmaxCrossEntropy(logits, tf.reshape(target!, [-1]), { labelSmoothing });
  }
}

export const transformer: TrainingStep = {
  name: 'Transformer',
  title: `Transformer ${layers}+${layers}, d=${width}, ${heads} heads, ${batchSize}×${length} tokens, vocabulary ${vocabulary}, AdamW`,
  batchSize,
  learningRate: 3e-4,
  createModel: (random) => new Transformer(random),
  createOptimizer: (parameters) => new AdamW(parameters),
  createBatch: (random) => ({
    source: integerTensor([batchSize, length], vocabulary, random),
    input: integerTensor([batchSize, length], vocabulary, random),
    target: integerTensor([batchSize, length], vocabulary, random),
  }),
};
