import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend, workerBatches } from '@motley/core/node';
import type { BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Alphabet, END, LETTERS, PADDING } from './alphabet.ts';
import { config } from './config.ts';
import type { Corpus } from './corpus/corpus.ts';
import type { SpeechBatch } from './data.ts';
import { bucketBoundaries, speechBatches, type StreamOptions } from './stream.ts';
import { fakeSynthesizer } from './synthesis/testing/fake-synthesizer.ts';
import { corpusOf, partOf } from './testing/corpus.ts';

const TEXTS = Array.from({ length: 14 }, (_, index) => 'she sells sea shells by the shore'.slice(0, 4 + 2 * index));

const settings = (...set: readonly string[]) => config.resolve({ set: ['features.bands=10', ...set] });

let folder: string;
let corpus: Corpus;
beforeAll(async () => {
  await chooseBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'motley-las-speech-'));
  corpus = await corpusOf(folder, fakeSynthesizer(), { training: TEXTS });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function optionsOf(fields: Partial<StreamOptions> = {}): StreamOptions {
  const { features, augmentation } = settings();
  return {
    part: partOf(corpus, 'training'),
    letters: LETTERS.english,
    features,
    batchSize: 4,
    buckets: 2,
    training: { augmentation, seed: 7 },
    ...fields,
  };
}

interface Values {
  readonly frames: number[][][];
  readonly lengths: number[];
  readonly transcripts: number[][];
  readonly places: number[];
}

/** All batches of an epoch, as arrays. */
async function epochOf(source: BatchSource<SpeechBatch>, epoch = 0): Promise<Values[]> {
  const batches: Values[] = [];
  for await (const batch of source.batches(epoch)) {
    const values = Object.entries(batch).map(([name, tensor]) => [name, tensor.arraySync()]);
    batches.push(Object.fromEntries(values) as Values);
    tf.dispose(batch);
  }
  return batches;
}

/** Frames of each utterance, by its place. */
const framesByPlace = (batches: readonly Values[]): Map<number, number[][]> =>
  new Map(
    batches.flatMap(({ places, frames, lengths }) =>
      places.map((place, row) => [place, frames[row]!.slice(0, lengths[row])] as const),
    ),
  );

describe('a stream of speech', () => {
  it('is the same from 0, 1 and 2 workers', { timeout: 300_000 }, async () => {
    const module = new URL('./stream.ts', import.meta.url);
    const epochs: Values[][] = [];
    for (const workers of [0, 1, 2]) {
      const source = await workerBatches({ module, factory: 'speechBatches', options: optionsOf() }, { workers });
      epochs.push(await epochOf(source, 1));
      await source.dispose();
    }
    expect(epochs[0]!.length).toBeGreaterThan(1);
    expect(epochs[1]).toEqual(epochs[0]);
    expect(epochs[2]).toEqual(epochs[0]);
  });

  it('changes sound and order with the epoch and the seed, and with nothing else', async () => {
    const source = speechBatches(optionsOf());
    const [first, again, second] = [await epochOf(source), await epochOf(source), await epochOf(source, 1)];
    expect(again).toEqual(first);
    const [before, after] = [framesByPlace(first), framesByPlace(second)];
    const both = [...before.keys()].filter((place) => after.has(place));
    expect(both.length).toBeGreaterThan(4);
    for (const place of both) expect(after.get(place)).not.toEqual(before.get(place));
    expect(second.map(({ places }) => places)).not.toEqual(first.map(({ places }) => places));
    const { augmentation } = settings();
    const other = await epochOf(speechBatches(optionsOf({ training: { augmentation, seed: 8 } })));
    expect(other.map(({ places }) => places)).not.toEqual(first.map(({ places }) => places));
  });

  it('has every utterance once where it is held out, the same in each epoch', async () => {
    const source = speechBatches(optionsOf({ training: undefined }));
    const [first, second] = [await epochOf(source), await epochOf(source, 1)];
    expect(second).toEqual(first);
    expect(first.flatMap(({ places }) => places).sort((a, b) => a - b)).toEqual([...TEXTS.keys()]);
  });

  it('has every utterance once in an epoch where there are too few for whole batches', async () => {
    const source = speechBatches(optionsOf({ batchSize: 8 }));
    for (const epoch of [0, 1]) {
      const places = (await epochOf(source, epoch)).flatMap((batch) => batch.places);
      expect(places.sort((a, b) => a - b)).toEqual([...TEXTS.keys()]);
    }
  });

  it('has whole batches in a training, and no utterance twice', async () => {
    const batches = await epochOf(speechBatches(optionsOf()));
    for (const { places } of batches) expect(places).toHaveLength(4);
    const places = batches.flatMap((batch) => batch.places);
    expect(new Set(places).size).toBe(places.length);
  });

  it('has transcripts with their end, beside the frames of their utterances', async () => {
    const alphabet = Alphabet.of('english');
    const batches = await epochOf(speechBatches(optionsOf({ training: undefined })));
    for (const { frames, lengths, transcripts, places } of batches)
      for (const [row, place] of places.entries()) {
        const symbols = transcripts[row]!;
        const end = symbols.indexOf(END);
        expect(symbols.slice(0, end)).toEqual([...alphabet.ids(TEXTS[place]!)]);
        expect(symbols.slice(end + 1).every((symbol) => symbol === PADDING)).toBe(true);
        // 60 ms of silence at both ends, and 10 ms for a letter; the last window of 25 ms ends with the sound.
        expect(lengths[row]).toBe(12 + TEXTS[place]!.length - 2);
        expect(
          frames[row]!.slice(lengths[row])
            .flat()
            .every((value) => value === 0),
        ).toBe(true);
        expect(frames[row]!.flat().some((value) => value !== 0)).toBe(true);
      }
  });

  it.each([0.1, 0.1117, 0.4992, 0.5])('has room for the slowest speech, with speed %d', async (speed) => {
    const { augmentation } = settings(`augmentation.speed=${speed}`, 'augmentation.noise=0', 'augmentation.echo=0');
    // Buckets as narrow as they can be: a length that does not fit is an error.
    const source = speechBatches(optionsOf({ buckets: 14, batchSize: 1, training: { augmentation, seed: 1 } }));
    let longest = 0;
    for (const epoch of [0, 1, 2])
      for (const { lengths, frames } of await epochOf(source, epoch)) {
        expect(lengths[0]).toBeLessThanOrEqual(frames[0]!.length);
        longest = Math.max(longest, lengths[0]!);
      }
    expect(longest).toBeGreaterThan(12 + TEXTS.at(-1)!.length);
  });

  it('refuses a transcript with a letter that the alphabet lacks in one line', () => {
    expect(() => speechBatches(optionsOf({ letters: ' abcdefghijklmnopqrtuvwxyz' }))).toThrow(
      'utterance-0: expected letters of " abcdefghijklmnopqrtuvwxyz", found "s" in "she "',
    );
  });
});

describe('boundaries of buckets', () => {
  const paddedTo = (boundaries: readonly number[], lengths: readonly number[]): number =>
    lengths.reduce((sum, length) => sum + boundaries.find((boundary) => length <= boundary)!, 0);

  it('are multiples of 16 frames, by which the fewest frames are padding', () => {
    const lengths = Array.from({ length: 60 }, (_, index) => Math.round(20 + index ** 1.4));
    const found = bucketBoundaries(lengths, 3);
    expect(bucketBoundaries([...lengths].reverse(), 3)).toEqual(found);
    const last = Math.ceil(lengths.at(-1)! / 16) * 16;
    const divisions: number[] = [];
    for (let first = 16; first < last; first += 16)
      for (let second = first + 16; second < last; second += 16)
        divisions.push(paddedTo([first, second, last], lengths));
    expect(paddedTo(found, lengths)).toBe(divisions.reduce((least, each) => Math.min(least, each)));
  });

  it('leave no bucket with fewer utterances than asked', () => {
    const lengths = [...Array.from({ length: 50 }, (_, index) => 2 * index + 1), 900];
    expect(bucketBoundaries(lengths, 3)).toContain(112);
    const boundaries = bucketBoundaries(lengths, 3, 10);
    for (const [index, boundary] of boundaries.entries()) {
      const below = index === 0 ? 0 : boundaries[index - 1]!;
      expect(lengths.filter((length) => length > below && length <= boundary).length).toBeGreaterThanOrEqual(10);
    }
  });

  it('come once where utterances are alike, or fewer than buckets', () => {
    expect(bucketBoundaries([30, 31, 32], 3)).toEqual([32]);
    expect(bucketBoundaries([10, 100], 6)).toEqual([16, 112]);
  });
});
