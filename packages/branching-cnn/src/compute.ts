import { featurePositions, type ImageShape, type ModelConfig } from './model.ts';
import type { LabelTree } from './trees.ts';

/** Multiply-adds for one image, counted from the shapes of convolutions and matrix products alone. */
export interface Compute {
  readonly trunk: number;
  readonly router: number;
  /** [G], one count per branch. */
  readonly branches: readonly number[];
}

/** Multiply-adds of each part of a network. */
export function multiplyAdds(
  config: ModelConfig,
  { members }: LabelTree,
  [height, width, channels]: ImageShape,
): Compute {
  let [rows, columns, inputs, trunk] = [height, width, channels, 0];
  const convolve = (outputs: number): number => {
    const cost = rows * columns * 9 * inputs * outputs;
    inputs = outputs;
    return cost;
  };
  for (const outputs of config.trunkChannels) {
    trunk += convolve(outputs);
    [rows, columns] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  }
  const positions = config.pooling === 'mean' ? 1 : featurePositions(config, [height, width, channels]);
  const router = members.length > 1 ? positions * inputs * members.length : 0;
  const blocks = config.branchChannels.reduce((sum, outputs) => sum + convolve(outputs), 0);
  return { trunk, router, branches: members.map(({ length }) => blocks + positions * inputs * length) };
}

/**
 * Mean multiply-adds per image, each image running one branch.
 * @param shares [G], share of the images that each branch receives; sums to 1
 */
export function meanMultiplyAdds({ trunk, router, branches }: Compute, shares: readonly number[]): number {
  return trunk + router + branches.reduce((sum, cost, group) => sum + cost * shares[group]!, 0);
}
