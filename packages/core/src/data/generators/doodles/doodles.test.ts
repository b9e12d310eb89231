import { largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../random/random-stream.ts';
import { drawDoodle } from './doodles.ts';
import { DOODLE_NAMES } from './figures.ts';

const random = RandomStream.fromSeed(51);
const doodles = Array.from({ length: 800 }, (_, index) => drawDoodle(random.fork(index)));

describe('drawDoodle', () => {
  it('draws classes uniformly, and depends only on its stream', () => {
    const counts = DOODLE_NAMES.map((name) => doodles.filter((doodle) => doodle.name === name).length);
    // χ² with 7 degrees of freedom exceeds 24.3 with probability 0.001.
    expect(counts.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)).toBeLessThan(24.3);
    expect(doodles.every(({ name, label }) => DOODLE_NAMES[label] === name)).toBe(true);
    expect(drawDoodle(random.fork(3))).toEqual(doodles[3]);
  });

  it('stays on the paper, and puts ink exactly where the pen went', () => {
    let [outside, without, away] = [0, 0, 0];
    for (const { strokes, image } of doodles.slice(0, 200)) {
      const points = strokes.flat();
      for (const [x, y] of points) {
        if (!(x >= 1 && x <= 27 && y >= 1 && y <= 27)) outside++;
        if (image[Math.floor(y) * 28 + Math.floor(x)]! < 100) without++;
      }
      for (const [pixel, ink] of image.entries()) {
        const [x, y] = [(pixel % 28) + 0.5, Math.floor(pixel / 28) + 0.5];
        if (ink > 0 && points.every(([u, v]) => Math.hypot(u - x, v - y) > 4)) away++;
      }
    }
    expect([outside, without, away]).toEqual([0, 0, 0]);
  });

  it('encodes the path of the pen as steps that add up to the points', () => {
    for (const { strokes, sequence } of doodles.slice(0, 50)) {
      let [x, y] = strokes[0]![0]!;
      const lifts: number[] = [];
      for (let step = 0; step < sequence.length; step += 3) {
        x += sequence[step]! * 28;
        y += sequence[step + 1]! * 28;
        lifts.push(sequence[step + 2]!);
      }
      const [endX, endY] = strokes.at(-1)!.at(-1)!;
      expect(Math.hypot(x - endX, y - endY)).toBeLessThan(1e-3);
      expect(lifts.reduce((sum, lift) => sum + lift, 0)).toBe(strokes.length);
      expect(lifts.at(-1)).toBe(1);
      expect(lifts).toHaveLength(strokes.flat().length - 1);
    }
  });

  it('draws straight lines without wobble, and follows the image size', () => {
    const wander = (wobble: number): number => {
      const found = Array.from({ length: 40 }, (_, index) => drawDoodle(random.fork(index), { wobble, imageSize: 40 }));
      const boats = found.filter(({ name }) => name === 'boat').map(({ strokes }) => strokes[1]!);
      // The mast is straight: maximum distance of its points from the line between its ends.
      return largest(
        boats.flatMap((mast) => {
          const [[ax, ay], [bx, by]] = [mast[0]!, mast.at(-1)!];
          return mast.map(
            ([x, y]) => Math.abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / Math.hypot(bx - ax, by - ay),
          );
        }),
      );
    };
    expect(wander(0)).toBeLessThan(1e-4);
    expect(wander(0.05)).toBeGreaterThan(0.3);
    expect(drawDoodle(random, { imageSize: 40 }).image.length).toBe(1600);
    expect(() => drawDoodle(random, { wobble: 1 })).toThrow('a wobble of 0 to 0.2, got 28, 0.05 and 1');
  });
});
