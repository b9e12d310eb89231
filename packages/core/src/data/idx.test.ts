import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { parseIdx } from './idx.ts';

const parse = (...bytes: number[]) => parseIdx(Uint8Array.from(bytes), 'a-idx');

describe('parseIdx', () => {
  it('reads labels and images', () => {
    expect(parse(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)).toEqual({ shape: [2], values: Uint8Array.of(7, 9) });
    const images = parse(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 5, 255);
    expect(images).toEqual({ shape: [1, 2, 1], values: Uint8Array.of(5, 255) });
  });

  it('reads from the middle of a buffer', () => {
    const whole = Uint8Array.of(1, 2, 3, 0, 0, 8, 1, 0, 0, 0, 1, 42);
    expect(parseIdx(whole.subarray(3), 'a').values).toEqual(Uint8Array.of(42));
  });

  it.each([
    [[], 'a-idx: expected an idx file of unsigned bytes (00 00 08 rank), found an empty file'],
    [[0, 0, 9, 1, 0, 0, 0, 0], 'a-idx: expected an idx file of unsigned bytes (00 00 08 rank), found 00 00 09 01'],
    [[0x1f, 0x8b, 8, 1], 'a-idx: expected an idx file of unsigned bytes (00 00 08 rank), found 1f 8b 08 01'],
    [[0, 0, 8, 0], 'a-idx: expected an idx file of unsigned bytes (00 00 08 rank), found 00 00 08 00'],
    [[0, 0, 8, 3, 0, 0], 'a-idx: expected a header of 16 bytes, found a file of 6'],
    [[0, 0, 8, 1, 0, 0, 0, 3, 1, 2], 'a-idx: expected 11 bytes for shape [3], found 10'],
    [[0, 0, 8, 1, 0, 0, 0, 1, 1, 2], 'a-idx: expected 9 bytes for shape [1], found 10'],
    [[0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255], 'found 12'],
  ])('refuses %j', (bytes, message) => {
    expect(() => parse(...bytes)).toThrow(UserError);
    expect(() => parse(...bytes)).toThrow(message);
  });
});
