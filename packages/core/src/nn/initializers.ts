import * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random-stream.ts';

/** Fan-in and fan-out of a weight: inputs and outputs connected to each unit. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * Creates a float32 tensor of initial values. They are drawn on the host, so that a seed gives the same weights on
 * every backend.
 */
export type Initializer = (shape: readonly number[], fans: Fans, random: RandomStream) => tf.Tensor;

const draw =
  (distribution: 'uniform' | 'normal', scaleOf: (fans: Fans) => number): Initializer =>
  (shape, fans, random) => {
    const count = tf.util.sizeFromShape([...shape]);
    const scale = scaleOf(fans);
    const values =
      distribution === 'uniform' ? random.uniformValues(count, -scale, scale) : random.normalValues(count, 0, scale);
    return tf.tensor(values, [...shape], 'float32');
  };

/** U(-b, b) with b = 1/√fanIn: PyTorch's default for linear layers and convolutions (He et al., 2015, with a = √5). */
export const kaimingUniform: Initializer = draw('uniform', ({ fanIn }) => 1 / Math.sqrt(fanIn));

/** N(0, 2/fanIn) (He et al., "Delving deep into rectifiers", 2015, equation 10). */
export const heNormal: Initializer = draw('normal', ({ fanIn }) => Math.sqrt(2 / fanIn));

/** U(-b, b) with b = √(6/(fanIn + fanOut)) (Glorot & Bengio, 2010, equation 16). */
export const xavierUniform: Initializer = draw('uniform', ({ fanIn, fanOut }) => Math.sqrt(6 / (fanIn + fanOut)));

/** N(0, 2/(fanIn + fanOut)) (Glorot & Bengio, 2010). */
export const xavierNormal: Initializer = draw('normal', ({ fanIn, fanOut }) => Math.sqrt(2 / (fanIn + fanOut)));

/** N(0, standardDeviation²). */
export const normal = (standardDeviation: number): Initializer => draw('normal', () => standardDeviation);

export const zeros: Initializer = (shape) => tf.zeros([...shape]);
