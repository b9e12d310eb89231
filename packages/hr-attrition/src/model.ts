/**
 * Network for rows of a table: an ensemble whose members share their weights (TabM: Gorishniy, Kotelnikov & Babenko,
 * 2024, arXiv 2410.24210), on periodic embeddings of the numbers (Gorishniy, Rubachev & Babenko, 2022, in the form of
 * RealMLP: Holzmüller, Grinsztajn & Steinwart, 2024, arXiv 2407.04491), beside a linear path (Cheng et al., 2016).
 *
 *   e_d   = [x_d, W_d cos(2π (f_d x_d + φ_d)) + b_d]              numbers, each by itself
 *   h_0m  = [e_1, …, e_D, c]                                      c: indicators of categories
 *   h_im  = dropout(SiLU(s_im ⊙ (W_i (r_im ⊙ h_(i-1)m)) + b_im))  one W_i for all members m
 *   z_m   = V_m h_m + v_m + U h_0 + u                             a head for each member, one linear path
 *
 * B batch, D numbers, C indicators, K frequencies, E values of an embedded number, M members, O outputs.
 */
import {
  Dropout,
  type Initializer,
  kaimingUniform,
  Linear,
  Module,
  normal,
  parameter,
  type RandomStream,
  type RandomTensors,
  silu,
  zeros,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HrAttritionConfig } from './config.ts';

type ModelConfig = HrAttritionConfig['model'];

/** Sizes that the table gives. */
export interface TableShape {
  /** D */
  readonly numbers: number;
  /** C */
  readonly indicators: number;
  /** O: 1 for two classes or a number, else the number of classes. */
  readonly outputs: number;
}

/** Inputs of a batch. */
export interface TableInputs {
  /** [B, D], scaled. Undefined where D = 0. */
  readonly numbers?: tf.Tensor | undefined;
  /** [B, C], 0 or 1. Undefined where C = 0. */
  readonly indicators?: tf.Tensor | undefined;
}

/** Periodic embedding of numbers, each with weights of its own, beside the number itself. */
export class PeriodicEmbedding extends Module {
  /** f [D, K] */
  readonly frequencies: tf.Variable;
  /** φ [D, K], in periods. */
  readonly phases: tf.Variable;
  /** W [D, K, E - 1] */
  readonly weight: tf.Variable;
  /** b [D, E - 1] */
  readonly bias: tf.Variable;

  /** @param scale deviation of the initial frequencies, per unit of a scaled number */
  constructor(numbers: number, { frequencies, embeddingSize, frequencyScale }: ModelConfig, random: RandomStream) {
    super();
    const fans = { fanIn: frequencies, fanOut: embeddingSize - 1 };
    const shape = [numbers, frequencies];
    this.frequencies = parameter(normal(frequencyScale)(shape, fans, random.fork('frequencies')));
    this.phases = parameter(tf.tensor(random.fork('phases').uniformValues(numbers * frequencies, -0.5, 0.5), shape));
    this.weight = parameter(kaimingUniform([numbers, frequencies, embeddingSize - 1], fans, random.fork('weight')));
    this.bias = parameter(kaimingUniform([numbers, embeddingSize - 1], fans, random.fork('bias')));
  }

  /** [B, D] → [B, D · E]. */
  forward(numbers: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const columns = tf.expandDims(tf.transpose(numbers), 2); // [D, B, 1]
      const angles = tf.add(tf.mul(columns, tf.expandDims(this.frequencies, 1)), tf.expandDims(this.phases, 1));
      const waves = tf.cos(tf.mul(angles, 2 * Math.PI)); // [D, B, K]
      const periodic = tf.add(tf.matMul(waves, this.weight as unknown as tf.Tensor3D), tf.expandDims(this.bias, 1));
      const embedded = tf.concat([columns, periodic], 2); // [D, B, E]
      return tf.reshape(tf.transpose(embedded, [1, 0, 2]), [numbers.shape[0], -1]);
    });
  }
}

/** Random signs, as the first adapter of TabM: members differ from the start. */
const signs: Initializer = (shape, _, random) =>
  tf.tensor(
    random.uniformValues(tf.util.sizeFromShape([...shape])).map((value) => (value < 0.5 ? -1 : 1)),
    [...shape],
  );

const ones: Initializer = (shape) => tf.ones([...shape]);

/**
 * Linear layer of an ensemble: y_m = s_m ⊙ (W (r_m ⊙ x_m)) + b_m, with one weight and adapters of rank 1
 * (BatchEnsemble: Wen, Tran & Ba, 2020).
 */
export class EnsembleLinear extends Module {
  /** W [outputs, inputs] */
  readonly weight: tf.Variable;
  /** r [M, inputs] */
  readonly r: tf.Variable;
  /** s [M, outputs] */
  readonly s: tf.Variable;
  /** b [M, outputs] */
  readonly bias: tf.Variable;

  /** @param adapter initial values of r */
  constructor(members: number, inputs: number, outputs: number, adapter: Initializer, random: RandomStream) {
    super();
    const fans = { fanIn: inputs, fanOut: outputs };
    this.weight = parameter(kaimingUniform([outputs, inputs], fans, random.fork('weight')));
    this.r = parameter(adapter([members, inputs], fans, random.fork('r')));
    this.s = parameter(tf.ones([members, outputs]));
    this.bias = parameter(kaimingUniform([members, outputs], fans, random.fork('bias')));
  }

  /** [M, B, inputs], or [B, inputs] for all members → [M, B, outputs]. */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const [members, inputs] = this.r.shape as [number, number];
      // Adapters of weights, [M, outputs, inputs], are smaller than adapted inputs, [M, B, inputs].
      const rows = tf.mul(this.weight, tf.expandDims(this.r, 1));
      const weights = tf.mul(rows, tf.expandDims(this.s, 2));
      const product =
        input.rank === 3
          ? tf.matMul(input, weights, false, true)
          : byMember(tf.matMul(input, tf.reshape(weights, [-1, inputs]), false, true), members);
      return tf.add(product, tf.expandDims(this.bias, 1));
    });
  }
}

/** [B, M · outputs] → [M, B, outputs]. */
function byMember(values: tf.Tensor, members: number): tf.Tensor {
  return tf.transpose(tf.reshape(values, [values.shape[0], members, -1]), [1, 0, 2]);
}

/** Linear layer with weights of its own for each member. */
export class MemberLinear extends Module {
  /** V [M, inputs, outputs] */
  readonly weight: tf.Variable;
  /** v [M, outputs] */
  readonly bias: tf.Variable;

  constructor(members: number, inputs: number, outputs: number, random: RandomStream) {
    super();
    const fans = { fanIn: inputs, fanOut: outputs };
    this.weight = parameter(kaimingUniform([members, inputs, outputs], fans, random.fork('weight')));
    this.bias = parameter(kaimingUniform([members, outputs], fans, random.fork('bias')));
  }

  /** [M, B, inputs] → [M, B, outputs]. */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.add(tf.matMul(input, this.weight as unknown as tf.Tensor), tf.expandDims(this.bias, 1)));
  }
}

const activations = { relu: tf.relu, silu, tanh: tf.tanh } satisfies Record<
  ModelConfig['activation'],
  (input: tf.Tensor) => tf.Tensor
>;

export class TableNetwork extends Module {
  readonly embedding: PeriodicEmbedding | undefined;
  readonly hidden: readonly EnsembleLinear[];
  readonly head: MemberLinear;
  readonly linear: Linear | undefined;
  readonly #dropout: Dropout;
  readonly #activation: (input: tf.Tensor) => tf.Tensor;

  /** @param random draws the initial weights */
  constructor(config: ModelConfig, { numbers, indicators, outputs }: TableShape, random: RandomStream) {
    super();
    const { members, hiddenSizes, embedding, embeddingSize, linearPath, dropout, activation } = config;
    const isEmbedded = embedding === 'periodic' && numbers > 0;
    const width = numbers * (isEmbedded ? embeddingSize : 1) + indicators;
    const sizes = [width, ...hiddenSizes];
    this.embedding = isEmbedded ? new PeriodicEmbedding(numbers, config, random.fork('embedding')) : undefined;
    this.hidden = hiddenSizes.map(
      (units, layer) =>
        new EnsembleLinear(members, sizes[layer]!, units, layer === 0 ? signs : ones, random.fork(layer)),
    );
    this.head = new MemberLinear(members, sizes.at(-1)!, outputs, random.fork('head'));
    this.linear = linearPath
      ? new Linear(width, outputs, { random: random.fork('linear'), weightInitializer: zeros })
      : undefined;
    this.#dropout = new Dropout(dropout);
    this.#activation = activations[activation];
  }

  /** Logits, or scaled numbers, of each member: [M, B, O]. @param random noise of the dropout in training */
  forward({ numbers, indicators }: TableInputs, random?: RandomTensors): tf.Tensor {
    return tf.tidy(() => {
      const embedded = numbers && (this.embedding?.forward(numbers) ?? numbers);
      const inputs = tf.concat(
        [embedded, indicators].filter((each) => each !== undefined),
        1,
      ); // [B, inputs]
      let hidden = inputs;
      for (const layer of this.hidden) hidden = this.#dropped(this.#activation(layer.forward(hidden)), random); // [M, B, units]
      if (this.hidden.length === 0) hidden = tf.tile(tf.expandDims(inputs, 0), [this.head.weight.shape[0], 1, 1]);
      const ofMembers = this.head.forward(hidden); // [M, B, O]
      return this.linear === undefined ? ofMembers : tf.add(ofMembers, tf.expandDims(this.linear.forward(inputs), 0));
    });
  }
  /**
   * Mean squared weights of a member, summed over its layers: Σ W² and Σ V_m² / M, without biases and adapters.
   * `network` is the ensemble's, `linear` the linear path's; scalars.
   */
  squaredWeights(): { readonly network: tf.Tensor; readonly linear: tf.Tensor } {
    return tf.tidy(() => {
      const members = this.head.weight.shape[0];
      const shared = this.hidden.map(({ weight }) => tf.sum(tf.square(weight)));
      return {
        network: tf.addN([...shared, tf.div(tf.sum(tf.square(this.head.weight)), members)]),
        linear: this.linear === undefined ? tf.scalar(0) : tf.sum(tf.square(this.linear.weight)),
      };
    });
  }

  // Noise of the dropout is drawn in training alone.
  #dropped(hidden: tf.Tensor, random: RandomTensors | undefined): tf.Tensor {
    return this.training && random !== undefined ? this.#dropout.forward(hidden, random) : hidden;
  }
}
