/**
 * A convolutional network that decides inside itself: a trunk that every image runs through, a router that says which
 * group the image belongs to, and a branch for each group, of which one runs.
 *
 *   features = trunk(x)
 *   p(group | x) = softmax(router(features))
 *   p(class | group, x) = softmax(branch_group(features))
 *
 * Group normalisation (Wu & He, 2018) with weight-standardised convolutions (Qiao et al., "Micro-batch training with
 * batch-channel normalization and weight standardization", arXiv 1903.10520) looks at one image at a time, so that a
 * batch may have one.
 *
 * B batch, H height, W width, C channels, G groups, M the most classes that a group has.
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
import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { BranchingConfig } from './config.ts';
import { runParts, runTiles } from './dispatch.ts';
import type { LabelTree } from './trees.ts';

export type ModelConfig = BranchingConfig['model'];

/** Height, width and channels of an image. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** The logit of an output that a smaller group has not. */
const NO_CLASS = -1e9;

/** [B, H, W, inputs] → [B, H', W', outputs]: convolution, halving where asked for, normalisation, ReLU. */
class Block extends Module implements Layer {
  readonly convolution: Conv2d;
  readonly normalization: Module & Layer;
  readonly #halves: boolean;

  /** @param halves before the normalisation, which then has a quarter to do */
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

/** A block from each width to the next. */
function blocks(widths: readonly number[], halves: boolean, config: ModelConfig, random: RandomStream): Block[] {
  return widths
    .slice(1)
    .map((outputs, index) => new Block(widths[index]!, outputs, halves, config, random.fork(index)));
}

/** H' W' of the features. */
export function featurePositions({ trunkChannels }: ModelConfig, [height, width]: ImageShape): number {
  const halvings = 2 ** trunkChannels.length;
  return Math.floor(height / halvings) * Math.floor(width / halvings);
}

/** As many groups as have at least `channelsPerNorm` channels each and divide the channels. */
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

export class BranchingCnn extends Module {
  readonly trunk: Sequential;
  /** Where there is more than one branch. */
  readonly router: Linear | undefined;
  readonly branches: readonly Sequential[];
  readonly tree: LabelTree;
  readonly imageShape: ImageShape;
  readonly #pool: (features: tf.Tensor) => tf.Tensor;
  readonly #tileSize: number;
  readonly #outputs: number;

  /**
   * @param random draws the initial weights
   * @throws UserError where the image is too small for the trunk, or branches would have batch normalisation
   */
  constructor(config: ModelConfig, tree: LabelTree, imageShape: ImageShape, random: RandomStream) {
    super();
    checkConfig(config, tree, imageShape);
    this.tree = tree;
    this.imageShape = imageShape;
    this.#pool = config.pooling === 'mean' ? average : flatten;
    this.#tileSize = config.tileSize;
    this.#outputs = Math.max(...tree.members.map(({ length }) => length));
    const trunkWidths = [imageShape[2], ...config.trunkChannels];
    this.trunk = new Sequential(...blocks(trunkWidths, true, config, random.fork('trunk')));
    const width = trunkWidths.at(-1)!;
    const positions = config.pooling === 'mean' ? 1 : featurePositions(config, imageShape);
    this.router = tree.members.length > 1 ? new Linear(positions * width, tree.members.length, { random: random.fork('router') }) : undefined; // prettier-ignore
    const branchWidths = [width, ...config.branchChannels];
    this.branches = tree.members.map(({ length }, group) => {
      const branchRandom = random.fork('branches').fork(group);
      return new Sequential(
        ...blocks(branchWidths, false, config, branchRandom),
        this.#pool, // [B, D]
        new Linear(positions * branchWidths.at(-1)!, length, { random: branchRandom.fork('classes') }),
        (logits) => (length === this.#outputs ? logits : tf.pad(logits, [[0, 0], [0, this.#outputs - length]], NO_CLASS)), // prettier-ignore
      );
    });
  }

  /** [B, H, W, C] → features [B, H', W', C'] */
  features(images: tf.Tensor): tf.Tensor {
    return this.trunk.forward(images);
  }

  /** Features → logits of the groups [B, G]. */
  route(features: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.router?.forward(this.#pool(features)) ?? tf.zeros([features.shape[0], 1]));
  }

  /**
   * Each image through the branch of its group, and no other: logits of the group's classes [B, M], those that a smaller
   * group has not very low.
   * @param groups [B], int32: by tensor operations, to compile; numbers: each branch once, on exactly its part
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

  /** Images and the groups that they are sent to → logits of groups [B, G] and of the groups' classes [B, M]. */
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
      `model.normalization: expected "group" with ${tree.members.length} branches, for a branch's part may be one image, got "batch" (one group of all classes in data.groups makes a plain network)`,
    );
  const smallest = 2 ** trunkChannels.length;
  if (Math.min(height, width) < smallest)
    throw new UserError(
      `model.trunkChannels: expected at most ${Math.floor(Math.log2(Math.min(height, width)))} blocks, each of which halves images of ${height} × ${width}, got ${trunkChannels.length}`,
    );
}
