import { RandomStream, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { multiplyAdds } from './compute.ts';
import { treeLoss } from './loss.ts';
import { BranchingCnn, normGroups } from './model.ts';
import { plainTree, smallConfig, smallModel, smallShape, smallTree } from './testing/small.ts';

const { describeOn } = await nativeGate(() => chooseBackend('tensorflow'));

/** Random images [B, 8, 8, 2] with their groups and positions. */
function batchOf(count: number): Record<'images' | 'groups' | 'positions', tf.Tensor> {
  const random = RandomStream.fromSeed(7);
  const groups = random.integers(count, 0, 3);
  return {
    images: tf.tensor(random.uniformValues(count * 128), [count, 8, 8, 2]),
    groups: tf.tensor1d(groups, 'int32'),
    positions: tf.tensor1d(
      [...groups].map((group) => [1, 0, 2][group]!),
      'int32',
    ),
  };
}

/** Gradients of a batch by all parameters. */
function gradientsOf(model: BranchingCnn, { images, groups, positions }: ReturnType<typeof batchOf>): Float32Array[] {
  return tf.tidy(() => {
    const { terms, gradients } = valueAndGradients(
      () => treeLoss(model.forward(images, groups), { groups, positions }, { routerWeight: 1 }),
      model.namedParameters(),
    );
    tf.dispose(terms);
    return Object.values(gradients).map((gradient) => gradient.dataSync<'float32'>());
  });
}

/** ‖mean of the parts − whole‖ / ‖whole‖ over all values, in float64. */
function relativeDistance(parts: readonly (readonly Float32Array[])[], whole: readonly Float32Array[]): number {
  let [difference, norm] = [0, 0];
  for (const [index, values] of whole.entries())
    for (const [position, value] of values.entries()) {
      const mean = parts.reduce((sum, part) => sum + part[index]![position]!, 0) / parts.length;
      difference += (mean - value) ** 2;
      norm += value ** 2;
    }
  return Math.sqrt(difference / norm);
}

const singles = (batch: ReturnType<typeof batchOf>, count: number) =>
  Array.from({ length: count }, (_, row) => {
    const take = (tensor: tf.Tensor) =>
      tf.slice(tensor, [row, ...tensor.shape.slice(1).map(() => 0)], [1, ...tensor.shape.slice(1)]);
    return { images: take(batch.images), groups: take(batch.groups), positions: take(batch.positions) };
  });

describeOn(['cpu', 'tensorflow'], 'on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it('has batch gradients equal to the mean of the gradients of single images, to 1e-6', () => {
    tf.tidy(() => {
      const model = smallModel();
      const batch = batchOf(24);
      const parts = singles(batch, 24).map((single) => gradientsOf(model, single));
      expect(relativeDistance(parts, gradientsOf(model, batch))).toBeLessThan(1e-6);
      model.dispose();
    });
  });

  it('has other batch gradients with batch normalization', () => {
    tf.tidy(() => {
      const model = new BranchingCnn(
        smallConfig('model.normalization=batch').model,
        plainTree,
        smallShape,
        RandomStream.fromSeed(3),
      );
      const { images } = batchOf(24);
      const batch = {
        images,
        groups: tf.zeros([24], 'int32'),
        positions: tf.tensor1d(
          Array.from({ length: 24 }, (_, row) => row % 6),
          'int32',
        ),
      };
      const parts = singles(batch, 24).map((single) => gradientsOf(model, single));
      expect(relativeDistance(parts, gradientsOf(model, batch))).toBeGreaterThan(0.1);
      model.dispose();
    });
  });

  it('runs the trunk and one branch per image, with as many multiply-adds as multiplyAdds counts', async () => {
    const model = smallModel('model.branchChannels=6,4');
    const images = tf.ones([1, 8, 8, 2]);
    const compute = multiplyAdds(smallConfig('model.branchChannels=6,4').model, smallTree, smallShape);
    expect(compute.branches[0]).toBe(2 * 2 * 9 * (8 * 6 + 6 * 4) + 2 * 2 * 4 * 2);
    for (const group of [0, 1, 2]) {
      const index = tf.tensor1d([group], 'int32');
      const { kernels } = await tf.profile(() => model.forward(images, index).classLogits);
      const cost = kernels.map(({ name, inputShapes, outputShapes }) => {
        const [output, filter] = [tf.util.sizeFromShape(outputShapes[0]!), inputShapes[1] ?? []];
        if (name === 'Conv2D') return output * tf.util.sizeFromShape(filter.slice(0, 3));
        return name === '_FusedMatMul' || name === 'BatchMatMul' ? output * inputShapes[0]!.at(-1)! : 0;
      });
      const total = cost.reduce((sum, each) => sum + each, 0);
      expect(total).toBe(compute.trunk + compute.router + compute.branches[group]!);
    }
    tf.dispose(images);
    model.dispose();
  });

  it('gives zero gradients to branches without images, even with NaN weights', () => {
    tf.tidy(() => {
      const model = smallModel();
      const { images, positions } = batchOf(4);
      const batch = { images, groups: tf.tensor1d([2, 0, 0, 2], 'int32'), positions };
      const expected = gradientsOf(model, batch);
      for (const variable of model.branches[1]!.namedParameters().values())
        variable.assign(tf.fill(variable.shape, NaN));
      const found = gradientsOf(model, batch);
      expect(found).toEqual(expected);
      const names = [...model.namedParameters().keys()];
      for (const [index, name] of names.entries())
        if (name.startsWith('branches.1.')) expect(new Set(found[index])).toEqual(new Set([0]));
      model.dispose();
    });
  });
});

describe('a network', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('has logits of the right shapes, and leaks no tensors', () => {
    const before = tf.memory().numTensors;
    const model = smallModel();
    const batch = batchOf(5);
    const { groupLogits, classLogits } = model.forward(batch.images, batch.groups);
    expect([groupLogits.shape, classLogits.shape]).toEqual([
      [5, 3],
      [5, 3],
    ]);
    gradientsOf(model, batch);
    tf.dispose([groupLogits, classLogits, batch]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('has no router with one branch', () => {
    const model = new BranchingCnn(smallConfig().model, plainTree, smallShape, RandomStream.fromSeed(3));
    expect(model.router).toBeUndefined();
    expect([...model.namedParameters().keys()].filter((name) => !/^(trunk|branches\.0)\./.test(name))).toEqual([]);
    model.dispose();
  });

  it('normalizes in groups that divide the channels', () => {
    expect([normGroups(16, 8), normGroups(4, 8), normGroups(18, 8), normGroups(7, 2)]).toEqual([2, 1, 2, 1]);
  });

  it('refuses a configuration that does not fit', () => {
    const make =
      (...set: string[]) =>
      () =>
        smallModel(...set);
    expect(make('model.normalization=batch')).toThrow(
      /model.normalization: expected "group" with 3 branches.*got "batch"/,
    );
    expect(make('model.trunkChannels=4,4,4,4')).toThrow(
      'model.trunkChannels: expected at most 3 blocks, as each halves images of 8 × 8, got 4',
    );
  });
});
