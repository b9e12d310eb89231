/**
 * Conditional computation: each example runs one of several branches.
 *
 * B examples, G branches, T examples in a tile, N tiles, M outputs.
 */
import { type Choice, choose, scan } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Splits a batch by branch, runs each branch on its part, and joins the outputs in the order of the batch. It uses tensor
 * operations alone, so that it compiles. A graph has fixed shapes, but the parts vary in size. So each part is cut into
 * tiles of T examples, the last one padded, and a loop of the graph runs each tile through its branch. Empty tiles run
 * nothing. A single example needs neither tiles nor loop.
 *
 * @param features [B, ...]
 * @param groups [B] int32 in [0, G), the branch of each example
 * @param branches [G], each from [T, ...] to [T, M]
 * @returns [B, M]
 */
export function runTiles(
  features: tf.Tensor,
  groups: tf.Tensor,
  branches: readonly Choice[],
  { tileSize, outputs }: { readonly tileSize: number; readonly outputs: number },
): tf.Tensor {
  const [batch, ...shape] = features.shape as [number, ...number[]];
  return tf.tidy(() => {
    if (branches.length === 1) return branches[0]!.forward(features);
    if (batch === 1) return choose(tf.reshape(groups, []), features, branches);
    const size = Math.min(tileSize, batch);
    const { count, slots, sources, tileGroups } = assignTiles(groups, branches.length, size);
    const tiles = tf.reshape(tf.gather(features, sources), [count, size, ...shape]);
    const empty: Choice = { forward: (tile) => zerosLikeOutput(tile, outputs), parameters: [] };
    const { output } = scan(
      (carry: readonly tf.Tensor[], { tile, group }: { tile: tf.Tensor; group: tf.Tensor }) => {
        return { carry, output: choose(group, tile, [...branches, empty]) };
      },
      [],
      { tile: tiles, group: tileGroups },
    );
    return tf.gather(tf.reshape(output, [count * size, outputs]), slots);
  });
}

/** [T, ...] → zeros [T, M] that depend on the tile, so that the gradient exists and is zero. */
function zerosLikeOutput(tile: tf.Tensor, outputs: number): tf.Tensor {
  const first = tf.slice(tf.reshape(tile, [tile.shape[0], -1]), [0, 0], [tile.shape[0], 1]);
  return tf.mul(first, tf.zeros([1, outputs]));
}

interface Tiles {
  /** N, the number of tiles in the worst case. */
  readonly count: number;
  /** [B], slot of each example in the concatenated tiles. */
  readonly slots: tf.Tensor;
  /** [N T], example in each slot; 0 in padding. */
  readonly sources: tf.Tensor;
  /** [N], branch of each tile; G where the tile is empty. */
  readonly tileGroups: tf.Tensor;
}

/**
 * Assigns each example a slot in a tile of its group.
 * @param groups [B] int32 in [0, G)
 */
export function assignTiles(groups: tf.Tensor, groupCount: number, tileSize: number): Tiles {
  const batch = groups.shape[0];
  const count = Math.floor((batch + Math.min(batch, groupCount) * (tileSize - 1)) / tileSize);
  const members = tf.oneHot(groups, groupCount, 1, 0, 'int32'); // [B, G]
  const ranks = tf.sum(tf.mul(tf.cumsum(members, 0, true), members), 1); // [B], rank within the group
  const sizes = tf.sum(members, 0); // [G]
  const tilesPerGroup = tf.floorDiv(tf.add(sizes, tf.scalar(tileSize - 1, 'int32')), tf.scalar(tileSize, 'int32'));
  const ends = tf.cumsum(tilesPerGroup, 0); // [G]
  const starts = tf.sub(ends, tilesPerGroup);
  const slots = tf.add(tf.mul(tf.gather(starts, groups), tf.scalar(tileSize, 'int32')), ranks);
  const sources = tf.scatterND(tf.expandDims(slots, 1), tf.range(0, batch, 1, 'int32'), [count * tileSize]);
  const isPast = tf.greaterEqual(tf.expandDims(tf.range(0, count, 1, 'int32'), 1), ends); // [N, G]
  return { count, slots, sources, tileGroups: tf.sum(tf.cast(isPast, 'int32'), 1) };
}

/**
 * Like {@link runTiles} for groups known outside the graph: each branch runs once, on exactly its part.
 *
 * @param features [B, ...]
 * @param groups [B], numbers in [0, G)
 * @returns [B, M]
 */
export function runParts(features: tf.Tensor, groups: ArrayLike<number>, branches: readonly Choice[]): tf.Tensor {
  return tf.tidy(() => {
    const rowIndices = Array.from(groups, (_, row) => row);
    const parts = branches.map((_, branch) => rowIndices.filter((row) => groups[row] === branch));
    const outputs = branches.flatMap(({ forward }, branch) => {
      const rows = parts[branch]!;
      return rows.length === 0 ? [] : [forward(tf.gather(features, tf.tensor1d(rows, 'int32')))];
    });
    const order = parts.flat();
    const slots = new Int32Array(order.length);
    for (const [slot, row] of order.entries()) slots[row] = slot;
    return tf.gather(tf.concat(outputs, 0), tf.tensor1d(slots, 'int32'));
  });
}
