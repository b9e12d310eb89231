/**
 * A convolutional network with conditional computation: a trunk for every image, a router that predicts the image's group,
 * and one branch per group. Only the branch of the image's group runs.
 *
 *   features = trunk(x)
 *   p(group | x) = softmax(router(features))
 *   p(class | group, x) = softmax(branch_group(features))
 *
 * Group normalization (Wu & He, 2018) with weight-standardized convolutions (Qiao et al., "Micro-batch training with
 * batch-channel normalization and weight standardization", arXiv 1903.10520) normalizes each image by itself, so that
 * batches of one image train.
 *
 * B batch, H height, W width, C channels, D flat features, G groups, M classes in the largest group.
 */
import {
  BatchNorm2d,
  type Choice,
  Conv2d,
  GroupNorm,
  type Layer,
  Linear,
  Module,
  type RandomStream,
  Sequential,
  StandardizedConv2d,
} from '@motley/core';
import { UserError, largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { BranchingConfig } from './config.ts';
import { runParts, runTiles } from './dispatch.ts';
import type { LabelTree } from './trees.ts';

export type ModelConfig = BranchingConfig['model'];

/** Height, width and channels of an image. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Shape of the images of the configured data set. */
export function imageShapeOf({ kind, imageSize }: BranchingConfig['data']): ImageShape {
  if (kind === 'mnist') return [28, 28, 1];
  if (kind === 'doodles') return [imageSize, imageSize, 1];
  return kind === 'shapes' ? [imageSize, imageSize, 3] : [32, 32, 3];
}

/** Logit of the outputs that pad smaller groups. */
const NO_CLASS = -1e9;

/** Convolution, optional 2 × 2 max pooling, normalization, ReLU: [B, H, W, inputs] → [B, H', W', outputs]. */
class Block extends Module implements Layer {
  readonly convolution: Conv2d;
  readonly normalization: Module & Layer;
  readonly #halves: boolean;

  /** @param halves whether to pool; before the normalization, which is then four times cheaper */
  constructor(inputs: number, outputs: number, halves: boolean, config: ModelConfig, random: RandomStream) {
    super();
    const isGroup = config.normalization === 'group';
    const Convolution = isGroup ? StandardizedConv2d : Conv2d;
    this.convolution = new Convolution(inputs, outputs, { kernelSize: 3, padding: 1, bias: false, random });
    this.normalization = isGroup
      ? new GroupNorm(normGroups(outputs, config.channelsPerNorm), outputs)
      : new BatchNorm2d(outputs);
    this.#halves = halves;
  }

  forward(input: tf.Tensor): tf.Tensor {
    const convolved = this.convolution.forward(input);
    return tf.relu(this.normalization.forward(this.#halves ? halve(convolved) : convolved));
  }
}

/** One block from each width to the next. */
function blocks(widths: readonly number[], halves: boolean, config: ModelConfig, random: RandomStream): Block[] {
  return widths
    .slice(1)
    .map((outputs, index) => new Block(widths[index]!, outputs, halves, config, random.fork(index)));
}

/** Number of positions H' W' of the trunk's feature maps. */
export function featurePositions({ trunkChannels }: ModelConfig, [height, width]: ImageShape): number {
  const halvings = 2 ** trunkChannels.length;
  return Math.floor(height / halvings) * Math.floor(width / halvings);
}

/** The largest number of groups that divides the channels and leaves each at least `channelsPerNorm` of them. */
export function normGroups(channels: number, channelsPerNorm: number): number {
  let groups = Math.max(1, Math.floor(channels / channelsPerNorm));
  while (channels % groups !== 0) groups--;
  return groups;
}

/** [B, H, W, C] → [B, ⌊H / 2⌋, ⌊W / 2⌋, C] */
const halve = (images: tf.Tensor): tf.Tensor => tf.maxPool(images as tf.Tensor4D, 2, 2, 'valid');

/** [B, H, W, C] → [B, D] */
const flatten = (features: tf.Tensor): tf.Tensor => tf.reshape(features, [features.shape[0], -1]);
const average = (features: tf.Tensor): tf.Tensor => tf.mean(features, [1, 2]);

/** Trunk, router and branches over a label tree. */
export class BranchingCnn extends Module {
  readonly trunk: Sequential;
  /** Undefined with a single branch. */
  readonly router: Linear | undefined;
  readonly branches: readonly Sequential[];
  readonly tree: LabelTree;
  readonly imageShape: ImageShape;
  readonly #pool: (features: tf.Tensor) => tf.Tensor;
  readonly #tileSize: number;
  readonly #outputs: number;

  /**
   * @param random draws the initial weights
   * @throws UserError if the image is too small for the trunk, or several branches have batch normalization
   */
  constructor(config: ModelConfig, tree: LabelTree, imageShape: ImageShape, random: RandomStream) {
    super();
    checkConfig(config, tree, imageShape);
    this.tree = tree;
    this.imageShape = imageShape;
    this.#pool = config.pooling === 'mean' ? average : flatten;
    this.#tileSize = config.tileSize;
    this.#outputs = largest(tree.members.map(({ length }) => length));
    const trunkWidths = [imageShape[2], ...config.trunkChannels];
    this.trunk = new Sequential(...blocks(trunkWidths, true, config, random.fork('trunk')));
    const width = trunkWidths.at(-1)!;
    const positions = config.pooling === 'mean' ? 1 : featurePositions(config, imageShape);
    if (tree.members.length > 1)
      this.router = new Linear(positions * width, tree.members.length, { random: random.fork('router') });
    const branchWidths = [width, ...config.branchChannels];
    this.branches = tree.members.map(({ length }, group) => {
      const branchRandom = random.fork('branches').fork(group);
      return new Sequential(
        ...blocks(branchWidths, false, config, branchRandom),
        this.#pool, // [B, D]
        new Linear(positions * branchWidths.at(-1)!, length, { random: branchRandom.fork('classes') }),
        (logits) => this.#padded(logits), // [B, M]
      );
    });
  }

  #padded(logits: tf.Tensor): tf.Tensor {
    const missing = this.#outputs - logits.shape[1]!;
    const paddings: [number, number][] = [
      [0, 0],
      [0, missing],
    ];
    return missing === 0 ? logits : tf.pad(logits, paddings, NO_CLASS);
  }

  /** Features of the trunk: [B, H, W, C] → [B, H', W', C']. */
  features(images: tf.Tensor): tf.Tensor {
    return this.trunk.forward(images);
  }

  /** Logits of the groups: features [B, H', W', C'] → [B, G]. */
  route(features: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.router?.forward(this.#pool(features)) ?? tf.zeros([features.shape[0], 1]));
  }

  /**
   * Runs each image through the branch of its group, and no other.
   * @param groups [B], a tensor of int32 (runs in tiles, compiles) or numbers (runs each branch once, on its part)
   * @returns [B, M], logits of the classes of the image's group; padding is -1e9
   */
  classify(features: tf.Tensor, groups: tf.Tensor | ArrayLike<number>): tf.Tensor {
    const choices = this.branches.map((branch): Choice => ({
      forward: (part) => branch.forward(part),
      parameters: [...branch.namedParameters().values()],
    }));
    return groups instanceof tf.Tensor
      ? runTiles(features, groups, choices, { tileSize: this.#tileSize, outputs: this.#outputs })
      : runParts(features, groups, choices);
  }

  /**
   * Logits of the groups [B, G] and of the classes within the given groups [B, M].
   * @param images [B, H, W, C] in [0, 1]
   * @param groups [B], branch of each image; see {@link classify}
   */
  forward(
    images: tf.Tensor,
    groups: tf.Tensor | ArrayLike<number>,
  ): { readonly groupLogits: tf.Tensor; readonly classLogits: tf.Tensor } {
    return tf.tidy(() => {
      const features = this.features(images);
      return { groupLogits: this.route(features), classLogits: this.classify(features, groups) };
    });
  }
}

function checkConfig(
  { normalization, trunkChannels }: ModelConfig,
  tree: LabelTree,
  [height, width]: ImageShape,
): void {
  if (normalization === 'batch' && tree.members.length > 1)
    throw new UserError(
      `model.normalization: expected "group" with ${tree.members.length} branches, as a branch may see a single image, got "batch" (one group of all classes in data.groups makes a plain network)`,
    );
  const smallest = 2 ** trunkChannels.length;
  if (Math.min(height, width) < smallest)
    throw new UserError(
      `model.trunkChannels: expected at most ${Math.floor(Math.log2(Math.min(height, width)))} blocks, as each halves images of ${height} × ${width}, got ${trunkChannels.length}`,
    );
}
