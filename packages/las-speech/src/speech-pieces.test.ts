import { RandomStream } from '@motley/core';
import { describe, expect, it } from 'vitest';
import { speechPieces, trailingSilenceInSeconds } from './speech-pieces.ts';

const RATE = 16_000;

/** Parts in succession: seconds of a tone at an amplitude, over noise at another. */
function sound(parts: readonly (readonly [seconds: number, amplitude: number])[], noise = 0): Float32Array {
  const values = parts.flatMap(([seconds, amplitude]) =>
    Array.from({ length: Math.round(seconds * RATE) }, (_, index) => amplitude * Math.sin(0.3 * index)),
  );
  const noises = RandomStream.fromSeed(1).normalValues(values.length, 0, 1);
  return Float32Array.from(values, (value, index) => value + noise * noises[index]!);
}

const secondsOf = (samples: Float32Array, longest: number): number[][] =>
  speechPieces(samples, longest).map(({ first, end }) => [first / RATE, end / RATE]);

describe('pieces of speech', () => {
  it('are trimmed to 100 ms of silence, however loud the speech and the noise are', () => {
    const parts = [
      [0.8, 0],
      [1, 1],
      [0.5, 0],
    ] as const;
    for (const [loudness, noise] of [
      [0.5, 0],
      [0.02, 0],
      [0.3, 0.003],
    ] as const)
      expect(
        secondsOf(
          sound(
            parts.map(([seconds, on]) => [seconds, loudness * on]),
            noise,
          ),
          10,
        ),
      ).toEqual([[0.7, 1.9]]);
  });

  it('end at long pauses, not at short ones', () => {
    const parts = sound([
      [1, 0.5],
      [0.3, 0],
      [1, 0.5],
      [0.8, 0],
      [1, 0.5],
    ]);
    expect(secondsOf(parts, 10)).toEqual([
      [0, 2.4],
      [3, 4.1],
    ]);
  });

  it('are cut at the longest pause of their second half, or where they are softest', () => {
    const paused = sound([
      [2, 0.5],
      [0.1, 0],
      [0.6, 0.5],
      [0.3, 0],
      [2, 0.5],
    ]);
    expect(secondsOf(paused, 4)).toEqual([
      [0, 2.8],
      [2.9, 5],
    ]);
    const soft = sound([
      [2.4, 0.5],
      [0.1, 0.1],
      [2.5, 0.5],
    ]);
    const [before, after] = secondsOf(soft, 4);
    expect(before![1]).toBeGreaterThanOrEqual(2.4);
    expect(before![1]).toBeLessThanOrEqual(2.5);
    expect(after).toEqual([before![1], 5]);
  });

  it('are never longer than the limit, and lose nothing, in an endless sound', () => {
    const random = RandomStream.fromSeed(2);
    const loudness = random.uniformValues(300, 0.05, 0.5);
    const pieces = speechPieces(sound(Array.from(loudness, (each) => [0.1, each])), 5);
    expect(pieces.length).toBeGreaterThan(6);
    expect(pieces[0]!.first).toBe(0);
    expect(pieces.at(-1)!.end).toBe(30 * RATE);
    for (const [index, { first, end }] of pieces.entries()) {
      if (end - first > 5 * RATE || (index > 0 && first !== pieces[index - 1]!.end))
        expect.unreachable(`piece ${index}`);
    }
  });

  it('are none in silence, steady noise, a click, or no samples', () => {
    const noise = RandomStream.fromSeed(3).normalValues(2 * RATE, 0, 0.05);
    const click = new Float32Array(RATE);
    click[5000] = 1;
    for (const samples of [new Float32Array(RATE), new Float32Array(0), noise, click, sound([[1, 0.0003]])])
      expect(speechPieces(samples, 10)).toEqual([]);
  });
});

it('silence at the end is measured', () => {
  const parts = sound([
    [1, 0.5],
    [0.7, 0],
  ]);
  expect(trailingSilenceInSeconds(parts)).toBeCloseTo(0.7, 2);
  expect(trailingSilenceInSeconds(new Float32Array(RATE))).toBe(1);
});
