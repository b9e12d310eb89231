/**
 * The encoder–decoder of Vaswani et al., "Attention is all you need" (2017), with normalization before each part.
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

const BATCH_SIZE = 16;
const LENGTH = 64;
const WIDTH = 256;
const HEADS = 8;
const LAYERS = 3;
const VOCABULARY = 8000;
const LABEL_SMOOTHING = 0.1;

/** [B T, D] → [B, N, T, D / N] */
function toHeads(rows: tf.Tensor): tf.Tensor {
  return tf.transpose(tf.reshape(rows, [-1, LENGTH, HEADS, WIDTH / HEADS]), [0, 2, 1, 3]);
}

class Attention extends Module {
  readonly query: Linear;
  readonly key_value: Linear;
  readonly output: Linear;

  constructor(random: RandomStream) {
    super();
    this.query = new Linear(WIDTH, WIDTH, { random });
    this.key_value = new Linear(WIDTH, 2 * WIDTH, { random });
    this.output = new Linear(WIDTH, WIDTH, { random });
  }

  /** From `rows` to `memory`, [B T, D] each → [B T, D]. */
  forward(rows: tf.Tensor, memory: tf.Tensor, causal = false): tf.Tensor {
    const [key, value] = tf.split(this.key_value.forward(memory), 2, 1);
    const query = this.query.forward(rows);
    const mixed = scaledDotProductAttention(toHeads(query), toHeads(key!), toHeads(value!), { causal });
    return this.output.forward(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [-1, WIDTH]));
  }
}

class FeedForward extends Module {
  readonly wide: Linear;
  readonly narrow: Linear;

  constructor(random: RandomStream) {
    super();
    this.wide = new Linear(WIDTH, 4 * WIDTH, { random });
    this.narrow = new Linear(4 * WIDTH, WIDTH, { random });
  }

  forward(rows: tf.Tensor): tf.Tensor {
    return this.narrow.forward(tf.relu(this.wide.forward(rows)));
  }
}

class EncoderLayer extends Module {
  readonly norm_attention = new LayerNorm(WIDTH);
  readonly attention: Attention;
  readonly norm_feed_forward = new LayerNorm(WIDTH);
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
  readonly norm_self = new LayerNorm(WIDTH);
  readonly self_attention: Attention;
  readonly norm_cross = new LayerNorm(WIDTH);
  readonly cross_attention: Attention;
  readonly norm_feed_forward = new LayerNorm(WIDTH);
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
  readonly encoder_norm = new LayerNorm(WIDTH);
  readonly decoder: readonly DecoderLayer[];
  readonly decoder_norm = new LayerNorm(WIDTH);
  readonly classifier: Linear;

  constructor(random: RandomStream) {
    super();
    const options = { random, weightInitializer: normal(0.02) };
    const each = Array.from({ length: LAYERS });
    this.source_embedding = new Embedding(VOCABULARY, WIDTH, options);
    this.target_embedding = new Embedding(VOCABULARY, WIDTH, options);
    this.positions = parameter(tf.tensor(random.normalValues(LENGTH * WIDTH, 0, 0.02), [LENGTH, WIDTH]));
    this.encoder = each.map(() => new EncoderLayer(random));
    this.decoder = each.map(() => new DecoderLayer(random));
    this.classifier = new Linear(WIDTH, VOCABULARY, { random, bias: false });
  }

  /** `source`, `input` and `target` [B, T]: source tokens, target tokens so far, and next target tokens. */
  loss({ source, input, target }: Batch): tf.Tensor {
    const rows = (vectors: tf.Tensor) => tf.reshape(tf.add(vectors, this.positions), [-1, WIDTH]);
    let memory = rows(this.source_embedding.forward(source!));
    for (const layer of this.encoder) memory = layer.forward(memory);
    memory = this.encoder_norm.forward(memory);
    let state = rows(this.target_embedding.forward(input!));
    for (const layer of this.decoder) state = layer.forward(state, memory);
    const logits = this.classifier.forward(this.decoder_norm.forward(state)); // [B T, V]
    return softmaxCrossEntropy(logits, tf.reshape(target!, [-1]), { labelSmoothing: LABEL_SMOOTHING });
  }
}

export const transformer: TrainingStep = {
  name: 'Transformer',
  title: `Transformer ${LAYERS}+${LAYERS}, d=${WIDTH}, ${HEADS} heads, ${BATCH_SIZE}×${LENGTH} tokens, vocabulary ${VOCABULARY}, AdamW`,
  batchSize: BATCH_SIZE,
  learningRate: 3e-4,
  createModel: (random) => new Transformer(random),
  createOptimizer: (parameters) => new AdamW(parameters),
  createBatch: (random) => ({
    source: integerTensor([BATCH_SIZE, LENGTH], VOCABULARY, random),
    input: integerTensor([BATCH_SIZE, LENGTH], VOCABULARY, random),
    target: integerTensor([BATCH_SIZE, LENGTH], VOCABULARY, random),
  }),
};
