import { parseAudio } from '@motley/core/node';
import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { streamSound } from './sound-stream.ts';
import { encodeWav } from './synthesis/wave.ts';

async function* inParts(bytes: Uint8Array, lengths: () => number): AsyncGenerator<Uint8Array> {
  for (let first = 0; first < bytes.length;) {
    await Promise.resolve();
    const length = lengths();
    yield bytes.subarray(first, first + length);
    first += length;
  }
}

describe('sound that arrives in parts', () => {
  it.each([8000, 11_025, 16_000, 22_050, 44_100, 48_000])('is that of the whole file, from %i Hz', async (rateInHz) => {
    const random = RandomNumbers.fromSeed(rateInHz);
    const bytes = encodeWav(Float32Array.from(random.uniformValues(9001, -0.5, 0.5)), rateInHz);
    const { channels } = await parseAudio(bytes, 'a.wav', { sampleRateInHz: 16_000, mono: true });
    const parts: Float32Array[] = [];
    for await (const part of streamSound(
      inParts(bytes, () => random.integers(1, 1, 3000)[0]!),
      'standard input',
    ))
      parts.push(part);
    const found = parts.flatMap((part) => [...part]);
    expect(found).toHaveLength(channels[0]!.length);
    for (const [index, sample] of found.entries()) expect(sample).toBeCloseTo(channels[0]![index]!, 6);
  });
});
