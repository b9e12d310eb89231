import * as tf from '@tensorflow/tfjs-core';
import { Linear } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import { Sequential } from '../../nn/sequential.ts';
import type { RandomStream, RandomTensors } from '../../random/random-stream.ts';

/** Variational autoencoder with fully connected layers (Kingma & Welling, 2014), as in packages/vae. */
export class DenseVae extends Module {
  readonly encoder: Sequential;
  readonly decoder: Sequential;

  /** @param sizes of the image and of the hidden layers of the encoder; the decoder has them in reverse */
  constructor(sizes: readonly number[], latents: number, random: RandomStream) {
    super();
    this.encoder = perceptron([...sizes, 2 * latents], random);
    this.decoder = perceptron([latents, ...sizes.toReversed()], random);
  }

  /** Images [B, pixels] → negative evidence lower bound, in nats per image. */
  terms(images: tf.Tensor, random: RandomTensors): { readonly loss: tf.Tensor } {
    const [mean, logVariance] = tf.split(this.encoder.forward(images), 2, 1);
    const latents = tf.add(mean!, tf.mul(tf.exp(tf.mul(logVariance!, 0.5)), random.normal(mean!.shape)));
    const logits = this.decoder.forward(latents);
    const reconstruction = tf.sum(tf.sub(tf.softplus(logits), tf.mul(images, logits)), 1);
    const terms = tf.sub(tf.add(tf.square(mean!), tf.exp(logVariance!)), tf.add(logVariance!, 1));
    return { loss: tf.mean(tf.add(reconstruction, tf.mul(tf.sum(terms, 1), 0.5))) };
  }
}

function perceptron(sizes: readonly number[], random: RandomStream): Sequential {
  const layers = sizes.slice(1).flatMap((size, index) => [new Linear(sizes[index]!, size, { random }), tf.elu]);
  return new Sequential(...layers.slice(0, -1));
}
