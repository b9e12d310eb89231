import { type Choice, RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { assignTiles, runParts, runTiles } from './dispatch.ts';

/** Three branches x ↦ tanh(x W_g), each from 4 features to 2 outputs. */
function branches(): { readonly choices: Choice[]; readonly weights: tf.Variable[] } {
  const random = RandomStream.fromSeed(1);
  const weights = [0, 1, 2].map(() => tf.variable(tf.tensor(random.normalValues(8), [4, 2])));
  const choices = weights.map((weight): Choice => ({
    forward: (x) => tf.tanh(tf.matMul(x, weight)),
    parameters: [weight],
  }));
  return { choices, weights };
}

const features = (batch: number): tf.Tensor => tf.tensor(RandomStream.fromSeed(2).normalValues(batch * 4), [batch, 4]);
const distance = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

describe('assignTiles', () => {
  beforeAll(() => chooseBackend('cpu'));

  it.each([1, 2, 3, 8, 64])(
    'gives each image a slot of its own in a tile of its group, with tiles of %i',
    (tileSize) => {
      const random = RandomStream.fromSeed(tileSize);
      for (const [batch, groupCount] of [
        [1, 3],
        [2, 5],
        [7, 2],
        [64, 3],
      ] as const)
        tf.tidy(() => {
          const groups = random.integers(batch, 0, groupCount);
          const { count, slots, sources, tileGroups } = assignTiles(tf.tensor1d(groups, 'int32'), groupCount, tileSize);
          const [places, owners, origins] = [slots.dataSync(), tileGroups.dataSync(), sources.dataSync()];
          expect(new Set(places).size).toBe(batch);
          expect(owners).toHaveLength(count);
          for (const [row, place] of places.entries()) {
            expect(owners[Math.floor(place / tileSize)]).toBe(groups[row]);
            expect(origins[place]).toBe(row);
          }
          // As many tiles run as the groups need; the rest are empty.
          const needed = Array.from({ length: groupCount }, (_, group) => {
            return Math.ceil(groups.filter((each) => each === group).length / tileSize);
          });
          const busy = [...owners].filter((owner) => owner < groupCount);
          expect(busy).toHaveLength(needed.reduce((sum, each) => sum + each, 0));
          expect([...owners].every((owner) => owner <= groupCount)).toBe(true);
        });
    },
  );
});

describe('a split batch', () => {
  beforeAll(() => chooseBackend('cpu'));

  it.each([1, 2, 5, 16])(
    'of %i gives the outputs of single images in the order of the batch, by tiles and by parts',
    (batch) => {
      tf.tidy(() => {
        const { choices } = branches();
        const [x, groups] = [features(batch), RandomStream.fromSeed(4).integers(batch, 0, 3)];
        const alone = tf.concat(
          Array.from(groups, (group, row) => choices[group]!.forward(tf.slice(x, [row, 0], [1, 4]))),
        );
        expect(distance(runParts(x, groups, choices), alone)).toBeLessThan(1e-6);
        for (const tileSize of [1, 3, 64]) {
          const joined = runTiles(x, tf.tensor1d(groups, 'int32'), choices, { tileSize, outputs: 2 });
          expect(joined.shape).toEqual([batch, 2]);
          expect(distance(joined, alone)).toBeLessThan(1e-6);
        }
      });
    },
  );

  it('ignores the weights of a branch without images, even NaN', () => {
    tf.tidy(() => {
      const { choices, weights } = branches();
      const [x, groups] = [features(6), [2, 0, 0, 2, 2, 0]];
      const expected = runParts(x, groups, choices);
      weights[1]!.assign(tf.fill([4, 2], NaN));
      const tensor = tf.tensor1d(groups, 'int32');
      const run = () => runTiles(x, tensor, choices, { tileSize: 2, outputs: 2 });
      expect(distance(run(), expected)).toBeLessThan(1e-6);
      expect(distance(runParts(x, groups, choices), expected)).toBe(0);
      const { grads } = tf.variableGrads(() => tf.sum(run()), weights);
      expect([...grads[weights[1]!.name]!.dataSync()]).toEqual(Array.from({ length: 8 }, () => 0));
      expect([...grads[weights[0]!.name]!.dataSync()].every((value) => Number.isFinite(value) && value !== 0)).toBe(
        true,
      );
    });
  });

  it('calls a branch once per tile, or once per part', () => {
    tf.tidy(() => {
      const calls = [0, 0, 0];
      const counting = branches().choices.map(({ forward, parameters }, branch) => ({
        parameters,
        forward: (x: tf.Tensor) => {
          calls[branch]!++;
          return forward(x);
        },
      }));
      runTiles(features(7), tf.tensor1d([0, 2, 0, 0, 0, 0, 2], 'int32'), counting, { tileSize: 3, outputs: 2 });
      expect(calls).toEqual([2, 0, 1]);
      runParts(features(7), [0, 2, 0, 0, 0, 0, 2], counting);
      expect(calls).toEqual([3, 0, 2]);
    });
  });
});
