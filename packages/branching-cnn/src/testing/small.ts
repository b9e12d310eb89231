import { RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { config, type BranchingConfig } from '../config.ts';
import type { BranchingData, LabeledImages } from '../data.ts';
import { BranchingCnn, type ImageShape } from '../model.ts';
import type { LabelTree } from '../trees.ts';

/** Three groups of two, one and three classes. */
export const smallTree: LabelTree = {
  classNames: ['a', 'b', 'c', 'd', 'e', 'f'],
  groupNames: ['pair', 'single', 'triple'],
  members: [[0, 3], [1], [2, 4, 5]],
  groupOf: [0, 1, 2, 0, 2, 2],
  positionOf: [0, 0, 0, 1, 1, 2],
};

/** The same classes in one group. */
export const plainTree: LabelTree = {
  ...smallTree,
  groupNames: ['all'],
  members: [[0, 1, 2, 3, 4, 5]],
  groupOf: [0, 0, 0, 0, 0, 0],
  positionOf: [0, 1, 2, 3, 4, 5],
};

export const smallShape: ImageShape = [8, 8, 2];

export function smallConfig(...set: readonly string[]): BranchingConfig {
  const sizes = ['model.trunkChannels=4,8', 'model.branchChannels=6', 'model.channelsPerNorm=2', 'model.tileSize=2'];
  return config.resolve({ set: [...sizes, ...set] });
}

export function smallModel(...set: readonly string[]): BranchingCnn {
  return new BranchingCnn(smallConfig(...set).model, smallTree, smallShape, RandomStream.fromSeed(3));
}

/** Values sin(0.37 i + seed) · scale, as in `reference.py`. */
export function formula(seed: number, shape: readonly number[], scale: number): tf.Tensor {
  const count = tf.util.sizeFromShape([...shape]);
  const values = Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.37 + seed) * scale);
  return tf.tensor(values, [...shape]);
}

/** Noise images of `smallShape` with a bright 2 × 2 spot, whose place is the class. */
function spots(count: number, seed: number): LabeledImages {
  const random = RandomStream.fromSeed(seed);
  const labels = Uint8Array.from(random.integers(count, 0, smallTree.classNames.length));
  const images = Uint8Array.from(random.integers(count * 128, 0, 60));
  for (const [row, label] of labels.entries()) {
    const [top, left] = [2 + 3 * Math.floor(label / 3), 1 + 2 * (label % 3)];
    for (const y of [top, top + 1]) for (const x of [left, left + 1]) images[128 * row + 2 * (8 * y + x)]! += 180;
  }
  return { images, labels, count };
}

export function smallData(): BranchingData {
  return {
    tree: smallTree,
    imageShape: smallShape,
    training: spots(96, 1),
    validation: spots(48, 2),
    test: spots(60, 3),
  };
}
