import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { loadData, TextStreams, type TextBatch } from './data.ts';
import { fitNgram } from './ngram/ngram.ts';

let folder: string;
const settings = config.resolve({});
beforeAll(async () => {
  await chooseBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'motley-char-rnn-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(contents: string | Uint8Array): Promise<string> {
  const path = join(folder, 'text.txt');
  await writeFile(path, contents);
  return path;
}

describe('loadData', () => {
  it('splits the characters of a text at 90 %', async () => {
    const data = await loadData(settings, await fileOf('abcdefgh😀→x'));
    expect(data.vocabulary).toHaveLength(11);
    expect(data.tokenizer.decode(data.training)).toBe('abcdefgh😀');
    expect(data.tokenizer.decode(data.validation)).toBe('→x');
    expect(data).toMatchObject({ symbolsPerCharacter: 1, entropyRate: undefined });
  });

  it('reads bytes, several to a character', async () => {
    const bytes = config.resolve({ set: ['data.level=byte'] });
    const data = await loadData(bytes, await fileOf(`${'a'.repeat(90)}${'é'.repeat(5)}`));
    expect(data.vocabulary).toHaveLength(256);
    expect(data.training).toHaveLength(90);
    expect(data.symbolsPerCharacter).toBe(2);
  });

  it('reads Moby-Dick by default', async () => {
    const data = await loadData(settings);
    expect(data.training.length + data.validation.length).toBe(1_190_317);
    expect(data.tokenizer.decode(data.training.subarray(22, 40))).toContain('Call me Ishmael');
  });

  it('generates a language whose entropy rate only n-grams longer than its delay reach', async () => {
    const set = ['data.source=markov', 'data.markov.states=6', 'data.markov.delay=2', 'data.markov.length=200000'];
    const data = await loadData(config.resolve({ set }));
    const loss = (order: number) => fitNgram(data.training, 6, order).negativeLogLikelihood(data.validation);
    expect(Math.abs(loss(3) - data.entropyRate!)).toBeLessThan(0.02);
    expect(loss(2)).toBeGreaterThan(data.entropyRate! + 0.1);
    const again = await loadData(config.resolve({ set: [...set, 'training.seed=5'] }));
    expect(again.training).toEqual(data.training);
    await expect(loadData(config.resolve({ set }), '/text')).rejects.toThrow('--data: expected data.source text');
  });

  it.each([
    ['', 'text.txt: expected a text, found an empty file'],
    ['abcabcabca', 'text.txt: expected a text of 11 symbols or more, found 10'],
    ['aaaaaaaaaaaaaaa', 'text.txt: expected a text of two symbols or more, found only "a"'],
    [Uint8Array.of(97, 0xff, 98), 'text.txt: byte 1: expected UTF-8, found 0xff'],
  ])('refuses %j', async (contents, line) => {
    await expect(loadData(settings, await fileOf(contents))).rejects.toThrow(line);
  });

  it('names a character outside the vocabulary, and its position', async () => {
    const path = await fileOf('abcabcabcabz');
    await expect(loadData(settings, path, Int32Array.of(97, 98, 99))).rejects.toThrow(
      'text.txt: character 11: expected one of the vocabulary, found "z" (3 symbols, those of the training text)',
    );
  });
});

describe('TextStreams', () => {
  const text = Int32Array.from({ length: 100 }, (_, place) => place);
  const streams = (seed: number) =>
    new TextStreams(text, { batchSize: 3, windowLength: 5, random: RandomStream.fromSeed(seed) });

  async function collect(source: Iterable<TextBatch>) {
    const found = [];
    for (const batch of source) {
      const symbols = (await batch.symbols.array()) as number[][];
      const next = (await batch.next.array()) as number[][];
      found.push({ symbols, next, isContinued: [...batch.isContinued.dataSync()] });
      tf.dispose(batch);
    }
    return found;
  }

  it('continues each stream after the previous batch, with the next symbols as targets', async () => {
    const batches = await collect(streams(1).batches(0));
    expect(batches).toHaveLength(6);
    for (const stream of [0, 1, 2]) {
      const read = batches.flatMap(({ symbols }) => symbols[stream]!);
      const start = batches[0]!.symbols[stream]![0]!;
      expect(read).toEqual(Array.from({ length: 30 }, (_, time) => (start + time) % 100));
      expect(batches.flatMap(({ next }) => next[stream]!)).toEqual(read.map((place) => (place + 1) % 100));
    }
    expect(new Set(batches.flatMap(({ symbols }) => symbols.flat())).size).toBe(90);
    expect(batches.map(({ isContinued }) => isContinued)).toEqual([
      [0, 0, 0],
      ...Array.from({ length: 5 }, () => [1, 1, 1]),
    ]);
  });

  it('starts each epoch at another offset, reproducible by its number', async () => {
    const [first, second] = [await collect(streams(1).batches(0)), await collect(streams(1).batches(1))];
    expect(second[0]!.symbols).not.toEqual(first[0]!.symbols);
    expect(await collect(streams(1).batches(1, 4))).toEqual(second.slice(4));
    expect((await collect(streams(2).batches(0)))[0]!.symbols).not.toEqual(first[0]!.symbols);
  });

  it('refuses a text shorter than a window for each stream', () => {
    const make = () => new TextStreams(text, { batchSize: 11, windowLength: 10, random: RandomStream.fromSeed(1) });
    expect(make).toThrow(/window of 10 symbols .* each of 11 streams .* 110 in all, found 100$/);
  });
});
