import type { NdArray } from '../array.ts';
import type { Random } from '../initialisers.ts';

/** Numbers that are learnt. */
export interface Parameter {
  /** `weight`, `bias`, … : after the layer's own name, what it is called in checkpoints. */
  readonly name: string;
  readonly value: NdArray;
  /** Of the loss, set by each `backward`. */
  readonly gradient: NdArray;
  /** Whether it is drawn to zero by L1 and L2: weights are, biases and scales are not. */
  readonly isRegularized: boolean;
}

/** Numbers that are kept but not learnt. */
export interface Buffer {
  readonly name: string;
  readonly value: NdArray;
}

/** A pass in which the network learns: dropout drops then, and batch norm uses the batch's own statistics. */
export interface LearningPass {
  /** Of this pass: what is dropped. */
  readonly noise: Random;
}

/**
 * A step of a network: `forward` keeps what `backward` needs, so each `backward` belongs to the `forward` before it. The
 * first axis is the batch.
 */
export interface Layer {
  /** What becomes of an example's shape. */
  readonly outputShape: readonly number[];
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly Buffer[];
  /** @param learning given while the network learns */
  forward(inputs: NdArray, learning?: LearningPass): NdArray;
  /**
   * Sets the parameters' gradients. @param outputGradient ∂loss/∂outputs
   * @param isFirst whether nothing before it learns: ∂loss/∂inputs is then not wanted
   * @returns ∂loss/∂inputs; undefined where it is not wanted and would cost anything
   */
  backward(outputGradient: NdArray, isFirst: boolean): NdArray | undefined;
}
