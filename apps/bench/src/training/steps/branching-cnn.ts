import { BranchingCnn, config, labelTree, treeLoss } from '@motley/branching-cnn';
import { Module, type RandomStream, Sgd } from '@motley/core';
import { smallest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';

const tree = labelTree('mnist', null);
const smallestGroup = smallest(tree.members.map(({ length }) => length));

/** The network of packages/branching-cnn with its loss. */
class Branching extends Module {
  readonly network: BranchingCnn;

  constructor(random: RandomStream) {
    super();
    this.network = new BranchingCnn(config.resolve().model, tree, [28, 28, 1], random);
  }

  /** `images` [B, 28, 28, 1], `groups` [B], `positions` [B]. */
  loss({ images, groups, positions }: Batch): tf.Tensor {
    const targets = { groups: groups!, positions: positions! };
    return treeLoss(this.network.forward(images!, groups!), targets, { routerWeight: 1 }).loss;
  }
}

const branchingStep = (batchSize: number): TrainingStep => ({
  name: `Branching-${batchSize}`,
  title: `branching CNN 28×28, three branches of which one runs, GN+WS, batch ${batchSize}, SGD`,
  batchSize,
  // No momentum: a branch that did not run has zero gradients here but none in PyTorch, where its momentum would rest.
  learningRate: 1e-2,
  createModel: (random) => new Branching(random),
  createOptimizer: (parameters) => new Sgd(parameters),
  createBatch: (random) => ({
    images: tf.tensor(random.uniformValues(batchSize * 784), [batchSize, 28, 28, 1]),
    groups: tf.tensor(random.integers(batchSize, 0, tree.members.length), [batchSize], 'int32'),
    positions: tf.tensor(random.integers(batchSize, 0, smallestGroup), [batchSize], 'int32'),
  }),
});

export const branchings = [1, 64].map(branchingStep);
