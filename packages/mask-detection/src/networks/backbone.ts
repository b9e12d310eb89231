import type { Initializer, Module, RandomStream } from '@motley/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Normalization } from './unit.ts';

/** How a backbone begins. */
export interface BackboneOptions {
  readonly normalization: Normalization;
  /** Draws the initial weights. */
  readonly random: RandomStream;
  /** Default: He's (2015); `zeros` where weights of a file follow. */
  readonly initializer?: Initializer | undefined;
}

/** Convolutional network below a feature pyramid. */
export interface Backbone extends Module {
  /** Channels of the maps. */
  readonly outputs: readonly number[];
  /** Parts from the input on, of which the first ones may be kept as they are in training. */
  readonly stages: readonly (readonly Module[])[];
  /** Maps C₂ to C₅, 4, 8, 16 and 32 pixels a cell: pictures [B, H, W, 3] → [B, H / 4, W / 4, C] and so on. */
  maps(pictures: tf.Tensor): tf.Tensor[];
}

/** Keeps the weights of the first stages as they are in training. */
export function freeze({ stages }: Backbone, count: number): void {
  for (const module of stages.slice(0, count).flat())
    for (const variable of module.namedParameters().values()) variable.trainable = false;
}
