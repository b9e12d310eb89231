import { describe, expect, it } from 'vitest';
import { coverPicture } from './pictures.ts';

const gray = (width: number, height: number, levels: readonly number[]) => ({
  width,
  height,
  data: Uint8Array.from(levels.flatMap((level) => [level, level, level])),
});

describe('coverPicture', () => {
  it('keeps a picture of the size itself', () => {
    const picture = gray(2, 2, [10, 20, 30, 40]);
    expect([...coverPicture(picture, 2, 2)]).toEqual([...picture.data]);
  });

  it('takes the mean of the area of each pixel', () => {
    expect([...coverPicture(gray(2, 2, [10, 20, 30, 40]), 1, 1)]).toEqual([25, 25, 25]);
    // Three pixels become two: each is one and a half wide.
    expect(
      [...coverPicture(gray(3, 3, [0, 90, 180, 0, 90, 180, 0, 90, 180]), 2, 2)].filter((_, at) => at % 3 === 0),
    ).toEqual([30, 150, 30, 150]);
  });

  it('takes the middle of a wide picture, and enlarges a small one', () => {
    expect([...coverPicture(gray(3, 1, [1, 2, 3]), 1, 1)]).toEqual([2, 2, 2]);
    expect([...coverPicture(gray(1, 1, [7]), 2, 2)]).toEqual(Array.from({ length: 12 }, () => 7));
  });
});
