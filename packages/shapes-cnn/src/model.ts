/**
 * A small residual network (He et al., "Deep residual learning for image recognition", CVPR 2016). Global average pooling
 * and one linear layer follow the last feature maps, so that class activation maps are exact (Zhou et al., "Learning deep
 * features for discriminative localization", CVPR 2016, arXiv 1512.04150).
 *
 * B batch, H height, W width, C channels, V classes; pictures are [B, H, W, 3] in [0, 1].
 */
import { BatchNorm2d, Conv2d, heNormal, Linear, Module, type RandomStream } from '@motley/core';
import { SHAPE_NAMES } from '@motley/core/generators';
import * as tf from '@tensorflow/tfjs-core';
import type { ShapesConfig } from './config.ts';

/** Class names by label. */
export const CLASS_NAMES = SHAPE_NAMES;

function convolution(
  inputs: number,
  outputs: number,
  kernelSize: number,
  stride: number,
  random: RandomStream,
): Conv2d {
  const padding = (kernelSize - 1) / 2;
  // No bias: batch normalization would subtract it.
  return new Conv2d(inputs, outputs, { kernelSize, stride, padding, bias: false, weightInitializer: heNormal, random });
}

/**
 * y = relu(F(x) + x), where F is two convolutions with batch normalization. With stride 2 the shortcut is 2 × 2 average
 * pooling and a 1 × 1 convolution, which skips no pixel (ResNet-D; He et al., "Bag of tricks for image classification",
 * CVPR 2019, figure 2c).
 */
export class ResidualBlock extends Module {
  readonly conv1: Conv2d;
  readonly norm1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly norm2: BatchNorm2d;
  readonly shortcut: Conv2d | undefined;
  readonly shortcutNorm: BatchNorm2d | undefined;

  constructor(inputs: number, outputs: number, stride: 1 | 2, random: RandomStream) {
    super();
    this.conv1 = convolution(inputs, outputs, 3, stride, random.fork('conv1'));
    this.norm1 = new BatchNorm2d(outputs);
    this.conv2 = convolution(outputs, outputs, 3, 1, random.fork('conv2'));
    this.norm2 = new BatchNorm2d(outputs);
    if (stride === 2) {
      this.shortcut = convolution(inputs, outputs, 1, 1, random.fork('shortcut'));
      this.shortcutNorm = new BatchNorm2d(outputs);
    }
  }

  /** [B, H, W, inputs] → [B, H / stride, W / stride, outputs] */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const inner = tf.relu(this.norm1.forward(this.conv1.forward(input)));
      const residual = this.norm2.forward(this.conv2.forward(inner));
      return tf.relu(tf.add(residual, this.#skip(input)));
    });
  }

  #skip(input: tf.Tensor): tf.Tensor {
    if (this.shortcut === undefined) return input;
    const halved = tf.avgPool(input as tf.Tensor4D, 2, 2, 'same'); // 'same' rounds odd sizes up, as F does
    return this.shortcutNorm!.forward(this.shortcut.forward(halved));
  }
}

/** Stem, residual blocks, global average pooling and a linear classifier. */
export class ShapesCnn extends Module {
  readonly stem: Conv2d;
  readonly stemNorm: BatchNorm2d;
  readonly blocks: readonly ResidualBlock[];
  readonly classifier: Linear;

  /** @param random draws the initial weights */
  constructor({ channels, blocksPerStage }: ShapesConfig['model'], random: RandomStream) {
    super();
    const stemChannels = channels[0]!;
    this.stem = convolution(3, stemChannels, 3, 2, random.fork('stem'));
    this.stemNorm = new BatchNorm2d(stemChannels);
    this.blocks = channels.slice(1).flatMap((outputs, stage) =>
      Array.from({ length: blocksPerStage }, (_, block) => {
        const [inputs, stride] = block === 0 ? ([channels[stage]!, 2] as const) : ([outputs, 1] as const);
        return new ResidualBlock(inputs, outputs, stride, random.fork(`stage${stage}.block${block}`));
      }),
    );
    this.classifier = new Linear(channels.at(-1)!, CLASS_NAMES.length, { random: random.fork('classifier') });
  }

  /** Last feature maps, at least 0: [B, H, W, 3] → [B, H', W', C]. */
  features(images: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      let maps = tf.relu(this.stemNorm.forward(this.stem.forward(images))); // [B, H/2, W/2, C₀]
      for (const block of this.blocks) maps = block.forward(maps);
      return maps;
    });
  }

  /** Logits: [B, H, W, 3] → [B, V]. */
  forward(images: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.classifier.forward(tf.mean(this.features(images), [1, 2])));
  }
}
