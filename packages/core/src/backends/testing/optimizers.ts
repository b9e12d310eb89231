import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../../nn/module.ts';
import { parameter } from '../../nn/parameter.ts';
import { Adagrad } from '../../optim/adagrad.ts';
import { Adam, AdamW } from '../../optim/adam.ts';
import { clipByGlobalNorm } from '../../optim/clip-gradients.ts';
import { Lion } from '../../optim/lion.ts';
import type { Optimizer } from '../../optim/optimizer.ts';
import { RmsProp } from '../../optim/rmsprop.ts';
import { Sgd } from '../../optim/sgd.ts';

/** Every optimizer of core. */
export const optimizers: Readonly<Record<string, (parameters: NamedVariables) => Optimizer>> = {
  Adagrad: (parameters) => new Adagrad(parameters),
  Adam: (parameters) => new Adam(parameters),
  AdamW: (parameters) => new AdamW(parameters),
  Lion: (parameters) => new Lion(parameters),
  RmsProp: (parameters) => new RmsProp(parameters, { momentum: 0.9 }),
  Sgd: (parameters) => new Sgd(parameters, { momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
};

/** Weights after three steps down Σ (weight - 1)², with clipped gradients. */
export async function runOptimizer(create: (parameters: NamedVariables) => Optimizer): Promise<ArrayLike<number>> {
  const weight = tf.tidy(() => parameter(tf.tensor2d([0.5, -1, 2, 3, -0.25, 0], [2, 3])));
  const optimizer = create(new Map([['weight', weight]]));
  for (let step = 0; step < 3; step++) {
    const gradient = tf.tidy(() => tf.mul(tf.sub(weight, 1), 2));
    const { gradients, norm } = clipByGlobalNorm({ weight: gradient }, 2);
    optimizer.step(gradients, 0.1);
    tf.dispose([gradient, gradients, norm]);
  }
  const values = await weight.data();
  optimizer.dispose();
  weight.dispose();
  return values;
}
