import { describe, expect, it } from 'vitest';
import { cocoMetrics } from './coco.ts';
import { type Judged, overlapOf } from './match.ts';
import reference from './reference.json' with { type: 'json' };

describe('cocoMetrics', () => {
  it.each(Object.entries(reference))('are those of pycocotools: %s', (_, { classes, pictures, stats }) => {
    const found = Object.values(cocoMetrics(pictures as unknown as Judged[], classes));
    expect(found).toHaveLength(stats.length);
    for (const [place, value] of found.entries()) expect(value).toBeCloseTo(stats[place]!, 14);
  });

  it('are 1 for the objects themselves', () => {
    const truth = [
      { box: [10, 10, 20, 20], label: 0 },
      { box: [40, 10, 50, 60], label: 1 },
    ] as const;
    const found = truth.map((each) => ({ ...each, score: 0.9 }));
    const metrics = cocoMetrics([{ truth, found }], 2);
    for (const name of ['ap', 'ap50', 'apSmall', 'apMedium'] as const) expect(metrics[name]).toBeCloseTo(1, 14);
    expect(metrics.apLarge).toBe(-1);
  });
});

describe('overlapOf', () => {
  it('is the shared share, of the detection alone for a crowd', () => {
    expect(overlapOf([0, 0, 10, 10], [5, 0, 10, 10])).toBeCloseTo(1 / 3, 15);
    expect(overlapOf([0, 0, 10, 10], [5, 0, 10, 10], true)).toBe(0.5);
    expect(overlapOf([0, 0, 10, 10], [10, 0, 10, 10])).toBe(0);
  });
});
