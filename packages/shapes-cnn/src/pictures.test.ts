import { describe, expect, it } from 'vitest';
import { enlarge, overlayHeat, stack } from './pictures.ts';

describe('enlarge', () => {
  it('interpolates between the cells, and is constant at the edges', () => {
    expect([...enlarge([1, 2, 3, 4], [2, 2], 2)]).toEqual([1, 2, 3, 4]);
    const rows = [...enlarge([0, 4, 0, 4], [2, 2], 4)];
    expect(rows).toEqual([0, 1, 3, 4, 0, 1, 3, 4, 0, 1, 3, 4, 0, 1, 3, 4]);
    expect(new Set(enlarge([7], [1, 1], 3))).toEqual(new Set([7]));
  });
});

describe('overlayHeat', () => {
  it('is pale gray at 0 and red at 1, and clamps other values', () => {
    const picture = Uint8Array.from([255, 255, 255, 0, 0, 0, 10, 20, 30]);
    expect([...overlayHeat(picture, [0, -1, 5])]).toEqual([230, 230, 230, 128, 128, 128, 200, 30, 40]);
  });
});

describe('stack', () => {
  it('concatenates pictures', () => {
    expect([...stack([Uint8Array.of(1, 2), Uint8Array.of(3, 4)])]).toEqual([1, 2, 3, 4]);
  });
});
