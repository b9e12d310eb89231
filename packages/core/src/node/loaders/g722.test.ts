import { largest, UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { decodeG722 } from './g722.ts';
import reference from './reference.json' with { type: 'json' };

const bytes = Buffer.from(reference.g722.file, 'base64');

describe('decodeG722', () => {
  it("gives ffmpeg's samples, those of overdriven bands too", () => {
    const { sampleRateInHz, channels } = decodeG722(bytes, 'a.g722', 1e6);
    expect(sampleRateInHz).toBe(16_000);
    expect(channels).toEqual([Float32Array.from(reference.g722.samples, (value) => value / 2 ** 15)]);
    expect(largest(reference.g722.samples.map(Math.abs))).toBeGreaterThan(32_000);
  });

  it('refuses an empty file, and one that is too long', () => {
    expect(() => decodeG722(Buffer.alloc(0), 'a.g722', 1e6)).toThrow(
      new UserError('a.g722: expected G.722 audio, found an empty file'),
    );
    const count = 2 * bytes.length;
    expect(decodeG722(bytes, 'a.g722', count, count / 16_000).channels[0]!.length).toBe(count);
    expect(() => decodeG722(bytes, 'a.g722', count - 1)).toThrow(
      new UserError(`a.g722: expected at most ${count - 1} samples, found ${count} in 1 channels`),
    );
    expect(() => decodeG722(Buffer.alloc(16_000), 'a.g722', 1e6, 1.9)).toThrow(
      new UserError('a.g722: expected at most 1.9 seconds of audio, found 2.0'),
    );
  });
});
