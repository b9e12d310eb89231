/**
 * Listen, Attend and Spell (Chan et al., 2016, arXiv 1508.01211). The probability of a transcript y given sound x is
 *
 *   h = Listen(x),  P(y | x) = Πᵢ P(yᵢ | x, y₍ᵢ₎),  P(yᵢ | x, y₍ᵢ₎) = AttendAndSpell(h, y₍ᵢ₎)
 *
 * B batch, T frames, F features of a frame, U steps of the listener, H its features, A attention features, L letters,
 * D units and E embedding features of the speller, V size of the alphabet.
 */
import { Dropout, Linear, Lstm, Module, type RandomStream, type RandomTensors } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelConfig } from './config.ts';
import { lockedDropout } from './locked-dropout.ts';
import { Speller } from './speller.ts';

/** Output of the listener. */
export interface Heard {
  /** [B, U, H], 0 beyond a sequence's end */
  readonly values: tf.Tensor;
  /** Steps of each sequence, int32 [B]. */
  readonly lengths: tf.Tensor;
}

export class ListenAttendSpell extends Module {
  readonly listener: Lstm;
  readonly pyramid: readonly Lstm[];
  readonly ctc: Linear | undefined;
  readonly speller: Speller | undefined;
  readonly #framesPerStep: number;
  readonly dropout: Dropout;

  /** @param random draws the initial weights */
  constructor(config: ModelConfig, random: RandomStream) {
    super();
    const { features, framesPerStep, listenerUnits, pyramidLayers, alphabetSize, heads, dropout } = config;
    this.#framesPerStep = framesPerStep;
    this.dropout = new Dropout(dropout);
    const blstm = (inputs: number, name: string) =>
      new Lstm(inputs, listenerUnits, { random: random.fork(name), bidirectional: true });
    this.listener = blstm(features * framesPerStep, 'listener');
    this.pyramid = Array.from({ length: pyramidLayers }, (_, layer) => blstm(4 * listenerUnits, `pyramid ${layer}`));
    if (heads !== 'attention') this.ctc = new Linear(2 * listenerUnits, alphabetSize, { random: random.fork('ctc') });
    if (heads !== 'ctc') this.speller = new Speller(config, random.fork('speller'));
  }

  /** Frames that one step of the listener's output covers. */
  get framesPerOutput(): number {
    return this.#framesPerStep * 2 ** this.pyramid.length;
  }

  /**
   * A BLSTM, then pyramidal BLSTMs, each of which reads two steps of the layer below as one (equations 4 and 5).
   * @param frames [B, T, F]
   * @param lengths number of frames of each sequence, int32 [B]
   * @param random noise of dropout, needed in training
   * @returns U = ⌈T / framesPerOutput⌉ steps
   */
  listen(frames: tf.Tensor, lengths: tf.Tensor, random?: RandomTensors): Heard {
    const isWhole = this.#framesPerStep === 1;
    let heard = concatenated({ values: isWhole ? frames : ended(frames, lengths), lengths }, this.#framesPerStep);
    for (const [layer, blstm] of [this.listener, ...this.pyramid].entries()) {
      if (layer > 0) heard = concatenated(heard, 2); // [B, U, 2 H]
      const { output } = blstm.forward(heard.values, { lengths: heard.lengths });
      heard = { ...heard, values: lockedDropout(output, this.dropout, random) }; // [B, U, H]
    }
    return heard;
  }
}

/** Frames [B, T, F] with 0 beyond each end: the step that holds a last frame may hold padding too. */
function ended(frames: tf.Tensor, lengths: tf.Tensor): tf.Tensor {
  const isWithin = tf.less(tf.range(0, frames.shape[1]!, 1, 'int32'), tf.expandDims(lengths, 1)); // [B, T]
  return tf.where(tf.expandDims(isWithin, 2), frames, tf.zerosLike(frames));
}

/** Concatenates `count` neighboring steps to one: [B, T, D] → [B, ⌈T / count⌉, count D]. Missing steps are 0. */
function concatenated({ values, lengths }: Heard, count: number): Heard {
  if (count === 1) return { values, lengths };
  const [batch, time, size] = values.shape as [number, number, number];
  const missing = (count - (time % count)) % count;
  const whole = missing === 0 ? values : tf.concat([values, tf.zeros([batch, missing, size])], 1);
  return {
    values: tf.reshape(whole, [batch, (time + missing) / count, count * size]),
    lengths: tf.floorDiv(tf.add(lengths, tf.scalar(count - 1, 'int32')), tf.scalar(count, 'int32')),
  };
}
