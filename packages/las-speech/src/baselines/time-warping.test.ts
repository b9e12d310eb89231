import type { Frames } from '@motley/core/audio';
import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { nearestWord, timeWarpingDistance, wordAccuracy } from './time-warping.ts';

/** Frames of a random walk. */
function drawFrames(count: number, width: number, seed: number): Frames {
  const values = RandomNumbers.fromSeed(seed).normalValues(count * width);
  for (let index = width; index < values.length; index++) values[index]! += values[index - width]!;
  return { values, count, width };
}

/** Every frame as many times as `times` says. */
function stretched({ values, count, width }: Frames, times: (frame: number) => number): Frames {
  const rows = Array.from({ length: count }, (_, frame) => [...values.subarray(frame * width, (frame + 1) * width)]);
  const output = Float32Array.from(
    rows.flatMap((row, frame) => Array.from({ length: times(frame) }, () => row).flat()),
  );
  return { values: output, count: output.length / width, width };
}

/** The recursion as it is written, over all pairs of frames. */
function bruteForce(first: Frames, second: Frames): number {
  const distance = (i: number, j: number): number => {
    const differences = Array.from(
      { length: first.width },
      (_, feature) => first.values[i * first.width + feature]! - second.values[j * second.width + feature]!,
    );
    return Math.sqrt(differences.reduce((sum, difference) => sum + difference ** 2, 0));
  };
  const known = new Map<string, number>();
  const cost = (i: number, j: number): number => {
    if (i < 0 || j < 0) return Infinity;
    const d = distance(i, j);
    if (i === 0 && j === 0) return 2 * d;
    const key = `${i} ${j}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const least = Math.min(cost(i - 1, j) + d, cost(i - 1, j - 1) + 2 * d, cost(i, j - 1) + d);
    known.set(key, least);
    return least;
  };
  return cost(first.count - 1, second.count - 1) / (first.count + second.count);
}

describe('timeWarpingDistance', () => {
  it.each([
    [1, 1],
    [1, 7],
    [9, 1],
    [12, 12],
    [10, 17],
    [23, 11],
  ])('is the recursion, %i and %i frames', (one, other) => {
    const [first, second] = [drawFrames(one, 3, 1), drawFrames(other, 3, 2)];
    const expected = bruteForce(first, second);
    expect(timeWarpingDistance(first, second, { band: 1 })).toBeCloseTo(expected, 10);
    expect(timeWarpingDistance(second, first, { band: 1 })).toBeCloseTo(expected, 10);
    expect(timeWarpingDistance(first, second, { band: 0.3 })).toBeGreaterThan(expected - 1e-10);
    expect(timeWarpingDistance(first, second, { band: 0.3 })).toBe(timeWarpingDistance(second, first, { band: 0.3 }));
  });

  it('does not change where time runs slower, evenly or not', () => {
    const frames = drawFrames(30, 4, 3);
    for (const times of [() => 1, () => 2, () => 3, (frame: number) => 1 + (frame % 3)])
      expect(timeWarpingDistance(frames, stretched(frames, times))).toBe(0);
    // A long stay at the beginning is far from the straight line.
    const late = stretched(frames, (frame) => (frame === 0 ? 40 : 1));
    expect(timeWarpingDistance(frames, late, { band: 1 })).toBe(0);
    expect(timeWarpingDistance(frames, late, { band: 0.1 })).toBeGreaterThan(0.1);
  });

  it('finds an end through the narrowest band', () => {
    for (const [one, other] of [
      [5, 50],
      [50, 5],
      [40, 39],
      [2, 90],
    ] as const)
      expect(timeWarpingDistance(drawFrames(one, 2, 4), drawFrames(other, 2, 5), { band: 0 })).toBeLessThan(Infinity);
  });

  it('ends early where the distance is too large, and only there', () => {
    const [first, second] = [drawFrames(30, 3, 6), drawFrames(25, 3, 7)];
    const distance = timeWarpingDistance(first, second);
    expect(timeWarpingDistance(first, second, { most: distance * 1.001 })).toBe(distance);
    expect(timeWarpingDistance(first, second, { most: distance * 0.999 })).toBe(Infinity);
  });

  it('refuses frames that cannot be compared', () => {
    expect(() => timeWarpingDistance(drawFrames(3, 2, 1), drawFrames(3, 4, 1))).toThrow('got [3, 2] and [3, 4]');
    expect(() => timeWarpingDistance(drawFrames(3, 2, 1), drawFrames(0, 2, 1))).toThrow('got [3, 2] and [0, 2]');
  });
});

describe('nearestWord', () => {
  const words = ['red', 'green', 'blue', 'black'];
  /** A word's own frames, noisy and at a pace of their own, as by another voice. */
  const say = (word: string, voice: number): Frames => {
    const frames = stretched(
      drawFrames(20, 3, words.indexOf(word)),
      (frame) => 1 + ((frame + voice) % (1 + (voice % 3))),
    );
    const noise = RandomNumbers.fromSeed(100 + voice).normalValues(frames.values.length, 0, 0.3);
    return { ...frames, values: frames.values.map((value, index) => value + noise[index]!) };
  };
  const templates = words.flatMap((word) => [1, 2, 3].map((voice) => ({ word, frames: say(word, voice) })));

  it.each([1, 3])('hears words of other voices, by %i neighbours', (neighbours) => {
    for (const word of words)
      for (const voice of [4, 5, 6, 7]) expect(nearestWord(say(word, voice), templates, { neighbours })).toBe(word);
  });

  it('is right as often as `wordAccuracy` says', () => {
    const heard = words.map((word) => ({ word, frames: say(word, 8) }));
    const mistaken = { word: 'other', frames: say('red', 9) };
    const { value, low, high } = wordAccuracy([...heard, mistaken], templates);
    expect(value).toBe(0.8);
    expect(low).toBeLessThan(0.8);
    expect(high).toBeGreaterThan(0.8);
    expect(high).toBeLessThan(1);
  });

  it('lets the neighbours vote', () => {
    const at = (value: number): Frames => ({ values: Float32Array.of(value), count: 1, width: 1 });
    const near = [
      { word: 'one', frames: at(0.1) },
      { word: 'two', frames: at(0.2) },
      { word: 'two', frames: at(-0.3) },
      { word: 'one', frames: at(9) },
    ];
    expect(nearestWord(at(0), near)).toBe('one');
    expect(nearestWord(at(0), near, { neighbours: 3 })).toBe('two');
    // One vote each: the nearest.
    expect(nearestWord(at(0), near, { neighbours: 2 })).toBe('one');
    expect(() => nearestWord(at(0), [])).toThrow('expected templates');
  });
});
