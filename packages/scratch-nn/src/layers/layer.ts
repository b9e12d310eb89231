import type { RandomNumbers } from '@motley/run';
import type { NdArray } from '../array.ts';

/** A learned array. */
export interface Parameter {
  /** `weight`, `bias`, …: the last part of its name in checkpoints. */
  readonly name: string;
  readonly value: NdArray;
  /** ∂loss/∂value, set by each `backward`. */
  readonly gradient: NdArray;
  /** Whether L1 and L2 penalties apply: to weights, not to biases and scales. */
  readonly isRegularized: boolean;
}

/** A parameter with its layer's settings. */
export interface NetworkParameter extends Parameter {
  /** Learning rate of its layer; undefined for the network's. */
  readonly learningRate: number | undefined;
}

/** An array that is saved but not learned, such as running statistics. */
export interface Buffer {
  readonly name: string;
  readonly value: NdArray;
}

/** Marks a forward pass in training mode: dropout is active, and batch norm uses the batch's statistics. */
export interface TrainingPass {
  /** Random numbers for dropout. */
  readonly noise: RandomNumbers;
}

/**
 * A layer with a hand-written derivative. `forward` keeps the values that `backward` needs, so each `backward` belongs
 * to the last `forward`. The first axis of every array is the batch.
 */
export interface Layer {
  /** Shape of one example's output. */
  readonly outputShape: readonly number[];
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly Buffer[];
  /** @param training given in training mode, omitted for inference */
  forward(inputs: NdArray, training?: TrainingPass): NdArray;
  /**
   * Sets the parameters' gradients.
   * @param outputGradient ∂loss/∂outputs
   * @param isFirst whether no layer before this one has parameters, so that ∂loss/∂inputs is not needed
   * @returns ∂loss/∂inputs; undefined where it is not needed and would take time to compute
   */
  backward(outputGradient: NdArray, isFirst: boolean): NdArray | undefined;
}
