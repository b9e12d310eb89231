import { RandomStream } from '@motley/core';
import { describe, expect, it } from 'vitest';
import { drawRings } from './data.ts';
import { baselines, outerProbability } from './evaluate.ts';

describe('drawRings', () => {
  const noise = 0.25;
  const draw = (seed: number) => drawRings(20_000, noise, RandomStream.fromSeed(seed));

  it('draws half of the points from each ring, with its radius and noise', () => {
    const { positions, labels } = draw(1);
    for (const [label, mean] of [1, 2].entries()) {
      const radii = [...labels].flatMap((each, index) =>
        each === label ? [Math.hypot(positions[2 * index]!, positions[2 * index + 1]!)] : [],
      );
      const average = radii.reduce((sum, radius) => sum + radius, 0) / radii.length;
      const variance = radii.reduce((sum, radius) => sum + (radius - average) ** 2, 0) / radii.length;
      expect(radii.length / labels.length).toBeCloseTo(0.5, 1);
      expect(average).toBeCloseTo(mean, 1);
      expect(Math.sqrt(variance)).toBeCloseTo(noise, 1);
    }
  });

  it('gives the same points for the same seed, and others for another', () => {
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1).positions).not.toEqual(draw(2).positions);
  });
});

describe('the optimum', () => {
  it('is the ratio of the densities', () => {
    const density = (radius: number, mean: number): number => Math.exp(-((radius - mean) ** 2) / (2 * 0.3 ** 2));
    for (const radius of [0.5, 1.2, 1.5, 1.9]) {
      const expected = density(radius, 2) / (density(radius, 1) + density(radius, 2));
      expect(outerProbability(radius, 0.3)).toBeCloseTo(expected, 12);
    }
  });

  it('errs on as many points as the normal distribution says', () => {
    const [training, test] = [1, 2].map((seed) => drawRings(20_000, 0.5, RandomStream.fromSeed(seed)));
    const { optimum, majority } = baselines({ training: training!, validation: test!, test: test! }, 0.5);
    // Radii are half the distance of the rings away from the boundary: Φ(0.5 / 0.5).
    expect(optimum!.accuracy).toBeCloseTo(0.8413, 1.5);
    expect(majority!.accuracy).toBeCloseTo(0.5, 1.5);
    expect(majority!.loss).toBeCloseTo(Math.log(2), 2);
  });
});
