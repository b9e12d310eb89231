import { describe, expect, it } from 'vitest';
import { meanAndDeviation, RunningMean, RunningMeans } from './statistics.ts';

describe('statistics', () => {
  it('weights means by their numbers of examples', () => {
    const means = new RunningMeans();
    means.add({ loss: 1, kl: 5 }, 3);
    means.add({ loss: 5, kl: 5 }, 1);
    expect(means.means).toEqual({ loss: 2, kl: 5 });
    expect(new RunningMeans().means).toEqual({});
    expect(new RunningMean().mean).toBeNaN();
  });

  it('computes mean and sample standard deviation', () => {
    expect(meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
      mean: 5,
      standardDeviation: Math.sqrt(32 / 7),
      count: 8,
    });
    expect(meanAndDeviation([3]).standardDeviation).toBeNaN();
  });
});
