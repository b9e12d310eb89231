import * as tf from '@tensorflow/tfjs-core';
import { customOperation } from '../../tensors/custom-operation.ts';
import { hasKernel } from '../../tensors/has-kernel.ts';

/** Scale and shift per channel, [C] each. */
export interface ChannelAffine {
  readonly scale: tf.Tensor;
  readonly shift: tf.Tensor;
}

/**
 * Receives the mean and biased variance of each channel, [C] each. The enclosing tidy frees them unless the listener
 * keeps them.
 */
export type StatisticsListener = (mean: tf.Tensor, variance: tf.Tensor) => void;

/**
 * Group normalization, (x - mean) / √(variance + ε) · scale + shift (Wu & He, 2018, equations 1 to 6), as one
 * operation. Input [B, ..., C], scale and shift [C] → float32 [B, ..., C]. Mean and variance are per example and group,
 * over all positions and the C / groups channels of the group. With as many groups as channels it is instance
 * normalization.
 * @throws Error where the groups do not divide the channels, or scale or shift is not [C]
 */
export function groupNorm(input: tf.Tensor, groups: number, affine: ChannelAffine, epsilon = 1e-5): tf.Tensor {
  checkChannels('groupNorm', input, groups, affine);
  const [batch, channels] = [input.shape[0], input.shape.at(-1)!];
  return channelNorm(
    input,
    [batch, tf.util.sizeFromShape(input.shape.slice(1, -1)), channels],
    groups,
    affine,
    epsilon,
  );
}

/**
 * Batch normalization per channel, over the batch and all positions (Ioffe & Szegedy, 2015, algorithm 1):
 * input [..., C], scale and shift [C] → float32 [..., C]. `onStatistics` receives the statistics of the batch.
 */
export function batchNorm(
  input: tf.Tensor,
  affine: ChannelAffine,
  epsilon = 1e-5,
  onStatistics?: StatisticsListener,
): tf.Tensor {
  const channels = input.shape.at(-1)!;
  checkChannels('batchNorm', input, channels, affine);
  return channelNorm(input, [1, rowsOf(input), channels], channels, affine, epsilon, onStatistics);
}

/**
 * Weight standardization: mean 0 and variance 1 per output channel of a convolution (Qiao et al., 2019, equation 3).
 * Weight [..., O] → float32 [..., O].
 */
export function standardizeWeight(weight: tf.Tensor, epsilon = 1e-5): tf.Tensor {
  const outputs = weight.shape.at(-1)!;
  return channelNorm(weight, [1, rowsOf(weight), outputs], outputs, undefined, epsilon);
}

/** Number of rows of a tensor's last axis. */
function rowsOf({ shape }: tf.Tensor): number {
  return tf.util.sizeFromShape(shape.slice(0, -1));
}

/** Normalizes each of the B items separately, with the input viewed as [B, N, C]. */
function channelNorm(
  input: tf.Tensor,
  view: [batch: number, positions: number, channels: number],
  groups: number,
  affine: ChannelAffine | undefined,
  epsilon: number,
  onStatistics?: StatisticsListener,
): tf.Tensor {
  if (view[0] === 1 && groups === view[2] && input.size >= FUSED_FROM && hasKernel('NormalizeChannels'))
    return fusedChannelNorm(input, affine, epsilon, onStatistics);
  const { shape } = input;
  const positions = view[1];
  const inputs = affine === undefined ? [input] : [input, affine.scale, affine.shift];
  return customOperation(
    inputs,
    (save) => {
      const x = tf.reshape(input, view);
      const mean = groupMean(tf.mean(x, 1, true), groups); // [B, 1, C]
      const centered = tf.sub(x, mean);
      const variance = groupMean(tf.mean(tf.square(centered), 1, true), groups);
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      save([x, mean, inverse, ...(affine === undefined ? [] : [affine.scale])]);
      onStatistics?.(tf.reshape(mean, [mean.size]), tf.reshape(variance, [variance.size]));
      const output =
        affine === undefined
          ? tf.mul(centered, inverse)
          : tf.add(tf.mul(centered, tf.mul(inverse, affine.scale)), affine.shift);
      return tf.reshape(output, shape);
    },
    (gradient, [x, mean, inverse, scale]) => {
      const dy = tf.reshape(gradient, view);
      const centered = tf.sub(x!, mean!);
      const byShift = tf.sum(dy, 1, true); // [B, 1, C]
      const byScale = tf.mul(tf.sum(tf.mul(dy, centered), 1, true), inverse!);
      // All but the last line works on [B, 1, C]: the rest of the gradient is linear in the position's.
      const scaled = (each: tf.Tensor) => (scale === undefined ? each : tf.mul(each, scale));
      const level = groupMean(tf.mul(scaled(byShift), 1 / positions), groups);
      const slope = groupMean(tf.mul(scaled(byScale), 1 / positions), groups);
      const direct = tf.mul(dy, scaled(inverse!));
      const along = tf.mul(centered, tf.mul(tf.square(inverse!), slope));
      const byInput = tf.reshape(tf.sub(tf.sub(direct, along), tf.mul(inverse!, level)), shape);
      return scale === undefined ? [byInput] : [byInput, tf.sum(byScale, [0, 1]), tf.sum(byShift, [0, 1])];
    },
  );
}

/** Minimum input size for fused kernels: below it, launching one costs more than it saves. */
const FUSED_FROM = 2 ** 18;

/** Fused kernels with the fewest passes over each channel. Every channel is its own group. */
function fusedChannelNorm(
  input: tf.Tensor,
  affine: ChannelAffine | undefined,
  epsilon: number,
  onStatistics?: StatisticsListener,
): tf.Tensor {
  const { shape } = input;
  const channels = shape.at(-1)!;
  const run = (kernel: string, inputs: tf.NamedTensorMap): tf.Tensor[] =>
    tf.engine().runKernel(kernel, inputs, { epsilon });
  const inputs = affine === undefined ? [input] : [input, affine.scale, affine.shift];
  return customOperation(
    inputs,
    (save) => {
      const x = tf.reshape(input, [1, 1, -1, channels]);
      const scale = affine?.scale ?? tf.ones([channels]);
      const shift = affine?.shift ?? tf.zeros([channels]);
      const [output, mean, variance] = run('NormalizeChannels', { x, scale, shift });
      save([x, scale, mean!, variance!]);
      onStatistics?.(tf.clone(mean!), tf.clone(variance!));
      return tf.reshape(output!, shape);
    },
    (upstream, [x, scale, mean, variance]) => {
      const gradient = tf.reshape(upstream, x!.shape);
      const given = { gradient, x: x!, scale: scale!, mean: mean!, variance: variance! };
      const [byInput, ...byAffine] = run('NormalizeChannelsGradient', given);
      return [tf.reshape(byInput!, shape), ...(affine === undefined ? [] : byAffine)];
    },
  );
}

/** [B, 1, C] → [B, 1, C]: replaces each channel by the mean of its group. */
function groupMean(values: tf.Tensor, groups: number): tf.Tensor {
  const [batch = 0, , channels = 0] = values.shape;
  if (groups === channels) return values;
  const members = [batch, groups, channels / groups];
  const means = tf.mean(tf.reshape(values, members), 2, true);
  return tf.reshape(tf.broadcastTo(means, members), [batch, 1, channels]);
}

function checkChannels(operation: string, input: tf.Tensor, groups: number, affine: ChannelAffine): void {
  const channels = input.shape.at(-1) ?? 0;
  const given = `an input [${input.shape.join(', ')}]`;
  if (input.rank < 2) throw new Error(`${operation}: expected an input [B, ..., C], got ${given}`);
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    throw new Error(`${operation}: expected groups that divide the ${channels} channels of ${given}, got ${groups}`);
  for (const [name, { shape: found }] of Object.entries(affine) as [string, tf.Tensor][])
    if (found.join() !== String(channels))
      throw new Error(`${operation}: expected ${name} [${channels}] for ${given}, got [${found.join(', ')}]`);
}
