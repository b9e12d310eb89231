/**
 * Vision Transformer (Dosovitskiy et al., "An image is worth 16x16 words", ICLR 2021, arXiv 2010.11929): a picture is a
 * sequence of patches, each one a token of a Transformer's encoder, and a token of its own stands for the whole.
 *
 * B batch, H height, W width, P patch size, T tokens (patches and the class token), N heads, D features, V classes.
 */
import {
  Conv2d,
  gelu,
  LayerNorm,
  Linear,
  Module,
  normal,
  parameter,
  scaledDotProductAttention,
  type WeightOptions,
  xavierUniform,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NetworkOptions } from './efficient-net.ts';
import { ImageClassifier } from './image-classifier.ts';

/** Sizes of a Vision Transformer (Dosovitskiy et al., table 1). */
export interface VisionTransformerShape {
  /** Height and width of a picture in pixels. */
  readonly imageSize: number;
  /** P */
  readonly patchSize: number;
  readonly layers: number;
  /** N */
  readonly heads: number;
  /** D */
  readonly features: number;
  /** Hidden units of a block's two linear layers. */
  readonly hidden: number;
}

/** ViT-B/16: 85,800,963 parameters with three classes. */
export const vitB16: VisionTransformerShape = {
  imageSize: 224,
  patchSize: 16,
  layers: 12,
  heads: 12,
  features: 768,
  hidden: 3072,
};

/** Addend of the normalizations' variances: ten times smaller than PyTorch's usual one. */
const EPSILON = 1e-6;

/** Self-attention of several heads, with one matrix for queries, keys and values. */
class SelfAttention extends Module {
  readonly in_proj_weight: tf.Variable; // [3 D, D]
  readonly in_proj_bias: tf.Variable; // [3 D]
  readonly out_proj: Linear;
  readonly #heads: number;

  constructor(features: number, heads: number, { random, weightInitializer = xavierUniform }: WeightOptions) {
    super();
    const fans = { fanIn: features, fanOut: 3 * features };
    this.in_proj_weight = parameter(weightInitializer([3 * features, features], fans, random.fork('in')));
    this.in_proj_bias = parameter(tf.zeros([3 * features]));
    this.out_proj = new Linear(features, features, { random: random.fork('out'), weightInitializer });
    this.#heads = heads;
  }

  /** [B, T, D] → the same */
  forward(tokens: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const [queries, keys, values] = this.#projected(tokens);
      const heads = scaledDotProductAttention(queries, keys, values); // [B, N, T, D / N]
      return this.out_proj.forward(tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), tokens.shape));
    });
  }

  /** How much each token attends to each other: [B, T, D] → [B, N, T, T]. */
  weights(tokens: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const [queries, keys] = this.#projected(tokens);
      const scale = Math.sqrt(queries.shape.at(-1)!);
      return tf.softmax(tf.div(tf.matMul(queries, keys, false, true), scale));
    });
  }

  /** Queries, keys and values, each [B, N, T, D / N]. */
  #projected(tokens: tf.Tensor): [tf.Tensor, tf.Tensor, tf.Tensor] {
    const [batch, count, features] = tokens.shape as [number, number, number];
    const rows = tf.reshape(tokens, [-1, features]);
    const all = tf.add(tf.matMul(rows, this.in_proj_weight, false, true), this.in_proj_bias); // [B T, 3 D]
    const split = tf.reshape(all, [batch, count, 3, this.#heads, features / this.#heads]);
    return tf.unstack(tf.transpose(split, [2, 0, 3, 1, 4])) as [tf.Tensor, tf.Tensor, tf.Tensor];
  }
}

/** Two linear layers with a GELU between them, as `mlp.0` and `mlp.3`. */
class Perceptron extends Module {
  readonly #first: Linear;
  readonly #second: Linear;

  constructor(features: number, hidden: number, { random, ...rest }: WeightOptions) {
    super();
    this.#first = new Linear(features, hidden, { random: random.fork('first'), ...rest });
    this.#second = new Linear(hidden, features, { random: random.fork('second'), ...rest });
  }

  protected override *children(): Generator<readonly [string, Module]> {
    yield ['0', this.#first];
    yield ['3', this.#second];
  }

  /** [..., D] → the same */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.#second.forward(gelu(this.#first.forward(input))));
  }
}

/** z' = MSA(LN(z)) + z, then MLP(LN(z')) + z' (Dosovitskiy et al., equations 2 and 3). */
class EncoderBlock extends Module {
  readonly ln_1: LayerNorm;
  readonly self_attention: SelfAttention;
  readonly ln_2: LayerNorm;
  readonly mlp: Perceptron;

  constructor({ features, heads, hidden }: VisionTransformerShape, { random, ...rest }: WeightOptions) {
    super();
    this.ln_1 = new LayerNorm(features, { epsilon: EPSILON });
    this.self_attention = new SelfAttention(features, heads, { random: random.fork('attention'), ...rest });
    this.ln_2 = new LayerNorm(features, { epsilon: EPSILON });
    this.mlp = new Perceptron(features, hidden, { random: random.fork('mlp'), ...rest });
  }

  /** [B, T, D] → the same */
  forward(tokens: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const attended = tf.add(this.self_attention.forward(this.ln_1.forward(tokens)), tokens);
      return tf.add(this.mlp.forward(this.ln_2.forward(attended)), attended);
    });
  }

  /** [B, T, D] → [B, N, T, T] */
  attention(tokens: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.self_attention.weights(this.ln_1.forward(tokens)));
  }
}

/** Position embeddings, blocks and the last normalization. */
class Encoder extends Module {
  readonly pos_embedding: tf.Variable; // [1, T, D]
  readonly ln: LayerNorm;
  readonly #blocks: readonly EncoderBlock[];

  constructor(shape: VisionTransformerShape, tokens: number, options: WeightOptions) {
    super();
    const { random } = options;
    const fans = { fanIn: shape.features, fanOut: shape.features };
    this.pos_embedding = parameter(normal(0.02)([1, tokens, shape.features], fans, random.fork('positions')));
    this.#blocks = Array.from({ length: shape.layers }, (_, layer) => {
      return new EncoderBlock(shape, { ...options, random: random.fork(`layer${layer}`) });
    });
    this.ln = new LayerNorm(shape.features, { epsilon: EPSILON });
  }

  protected override *children(): Generator<readonly [string, Module]> {
    for (const [layer, block] of this.#blocks.entries()) yield [`layers.encoder_layer_${layer}`, block];
    yield ['ln', this.ln];
  }

  /** [B, T, D] → the same. @param watch sees the input of each block */
  forward(tokens: tf.Tensor, watch?: (block: EncoderBlock, input: tf.Tensor) => void): tf.Tensor {
    let value = tf.add(tokens, this.pos_embedding);
    for (const block of this.#blocks) {
      watch?.(block, value);
      value = block.forward(value);
    }
    return this.ln.forward(value);
  }
}

/** Patches, encoder, and a linear classifier on the class token. */
export class VisionTransformer extends ImageClassifier {
  readonly headName = 'heads.head';
  readonly head: Linear;
  readonly class_token: tf.Variable; // [1, 1, D]
  readonly #patches: Conv2d;
  readonly #encoder: Encoder;
  readonly #shape: VisionTransformerShape;

  constructor(shape: VisionTransformerShape, { classes, random, initializer }: NetworkOptions) {
    super();
    const { patchSize, features, imageSize } = shape;
    const weights = initializer === undefined ? {} : { weightInitializer: initializer };
    this.class_token = parameter(tf.zeros([1, 1, features]));
    const patching = { kernelSize: patchSize, stride: patchSize, random: random.fork('patches'), ...weights };
    this.#patches = new Conv2d(3, features, patching);
    const tokens = (imageSize / patchSize) ** 2 + 1;
    this.#encoder = new Encoder(shape, tokens, { random: random.fork('encoder'), ...weights });
    this.head = new Linear(features, classes, { random: random.fork('head') });
    this.#shape = shape;
  }

  protected override *children(): Generator<readonly [string, Module]> {
    yield ['conv_proj', this.#patches];
    yield ['encoder', this.#encoder];
    yield [this.headName, this.head];
  }

  override features(pictures: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const tokens = this.#encoder.forward(this.#tokens(pictures)); // [B, T, D]
      const [batch, , features] = tokens.shape as [number, number, number];
      return tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, features]), [batch, features]);
    });
  }

  override classify(features: tf.Tensor): tf.Tensor {
    return this.head.forward(features);
  }

  /** Attention of each block, from the first on: pictures [B, H, W, 3] → blocks × [B, N, T, T]. */
  attentions(pictures: tf.Tensor): tf.Tensor[] {
    return tf.tidy(() => {
      const found: tf.Tensor[] = [];
      this.#encoder.forward(this.#tokens(pictures), (block, input) => void found.push(block.attention(input)));
      return found;
    });
  }

  /** The class token, then the patches row by row: [B, T, D]. */
  #tokens(pictures: tf.Tensor): tf.Tensor {
    const { features } = this.#shape;
    const batch = pictures.shape[0];
    const patches = tf.reshape(this.#patches.forward(pictures), [batch, -1, features]);
    return tf.concat([tf.tile(this.class_token, [batch, 1, 1]), patches], 1);
  }
}
