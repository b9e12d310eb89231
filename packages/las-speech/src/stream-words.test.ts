import { largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { speechPieces } from './speech-pieces.ts';
import { Agreement, streamWords } from './stream-words.ts';

const RATE = 16_000;
const WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** Words of 0.4 s with 0.1 s between, and silence where there is none. Each has a loudness of its own. */
function spoken(words: readonly (string | undefined)[]): Float32Array {
  const samples = new Float32Array(words.length * 0.5 * RATE);
  for (const [place, word] of words.entries()) {
    if (word === undefined) continue;
    const level = 0.1 + 0.05 * WORDS.indexOf(word);
    for (let index = 0; index < 0.4 * RATE; index++)
      samples[place * 0.5 * RATE + 0.05 * RATE + index] = index % 2 === 0 ? level : -level;
  }
  return samples;
}

/** Reads the words by their loudness; the last is wrong while it is short. Notes how long each sound was. */
function reader(lengths: number[]) {
  return (samples: Float32Array): Promise<string> => {
    lengths.push(samples.length / RATE);
    const words: string[] = [];
    let [start, level] = [-1, 0];
    for (let index = 0; index <= samples.length; index++) {
      const value = Math.abs(samples[index] ?? 0);
      if (value > 0 && start < 0) [start, level] = [index, value];
      if (value > 0 || start < 0) continue;
      words.push(index - start > 0.3 * RATE ? WORDS[Math.round((level - 0.1) / 0.05)]! : 'uh');
      start = -1;
    }
    return Promise.resolve(words.join(' '));
  };
}

async function* inChunks(samples: Float32Array, size: number): AsyncGenerator<Float32Array> {
  for (let first = 0; first < samples.length; first += size)
    yield await Promise.resolve(samples.subarray(first, first + size));
}

async function streamed(samples: Float32Array, chunk: number, longestInSeconds = 10) {
  const lengths: number[] = [];
  const words: string[] = [];
  for await (const word of streamWords(inChunks(samples, chunk), reader(lengths), { longestInSeconds }))
    words.push(word);
  return { words, lengths };
}

describe('words of a stream', () => {
  it('come while the sound goes on, and are the text in the end', async () => {
    const sentence = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
    const samples = spoken(sentence);
    const heard: number[] = [];
    const chunks = async function* () {
      for await (const chunk of inChunks(samples, 1600)) {
        heard.push(chunk.length);
        yield chunk;
      }
    };
    let first: number | undefined;
    const words: string[] = [];
    for await (const word of streamWords(chunks(), reader([]), { longestInSeconds: 10 })) {
      first ??= heard.length / 10;
      words.push(word);
    }
    expect(words.join('')).toBe(sentence.join(' '));
    expect(first).toBeLessThan(2.5);
  });

  it('are the same in chunks of any size', async () => {
    const samples = spoken(['one', 'two', undefined, undefined, 'three', 'four', undefined, undefined, undefined]);
    for (const chunk of [100, 8000, samples.length])
      expect((await streamed(samples, chunk)).words.join('')).toBe('one two three four');
  });

  it('of a speaker without pauses take bounded work for each second', async () => {
    const sentence = Array.from({ length: 80 }, (_, index) => WORDS[(7 * index) % 10]!);
    const { words, lengths } = await streamed(spoken(sentence), 4000, 4);
    expect(words.join('')).toBe(sentence.join(' '));
    expect(largest(lengths)).toBeLessThanOrEqual(4.6);
    expect(lengths.reduce((sum, each) => sum + each, 0)).toBeLessThan(40 * 8);
  });

  it('are none in silence and in no sound, for which nothing is recognized', async () => {
    expect(await streamed(new Float32Array(10 * RATE), 1600)).toEqual({ words: [], lengths: [] });
    expect(await streamed(new Float32Array(0), 1600)).toEqual({ words: [], lengths: [] });
  });
});

describe('agreement', () => {
  it('holds words back until two hypotheses have them, and the last always', () => {
    const agreement = new Agreement();
    expect(agreement.add(['the', 'see'])).toEqual([]);
    expect(agreement.add(['the', 'sea', 'was'])).toEqual(['the']);
    expect(agreement.add(['the', 'sea', 'was', 'calm'])).toEqual(['sea', 'was']);
    expect(agreement.add(['a', 'sea'])).toEqual([]);
    expect(agreement.end(['the', 'sea', 'was', 'calm', 'then'])).toEqual(['calm', 'then']);
    expect(agreement.add(['and'])).toEqual([]);
    expect(agreement.end(['and'])).toEqual(['and']);
  });

  it('says words once that were sure before a cut and lie behind it', () => {
    const agreement = new Agreement();
    agreement.add(['all', 'was', 'still', 'then']);
    expect(agreement.add(['all', 'was', 'still', 'then', 'came'])).toEqual(['all', 'was', 'still', 'then']);
    expect(agreement.cut(['all', 'was'])).toEqual([]);
    expect(agreement.end(['still', 'then', 'came'])).toEqual(['came']);
  });
});

it('the words of the test are pieces of speech', () => {
  expect(speechPieces(spoken(['one', undefined, undefined, 'nine']), 10)).toHaveLength(2);
});
